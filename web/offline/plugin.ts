// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Plugin } from 'vite'

const page = 'm.html'

/** Writes sw.js beside the screens: the phone's page and all that it needs, under a name of their content. */
export function offline(): Plugin {
  return {
    name: 'jiedao-offline',
    apply: 'build',
    enforce: 'post',
    generateBundle: {
      order: 'post',
      handler(_options, bundle) {
        const html = bundle[page]
        if (html?.type !== 'asset') return this.error(`${page} was not built`)
        const files = neededBy(String(html.source), bundle)
        const name = createHash('sha256').update(String(html.source)).update(files.join()).digest('hex').slice(0, 16)
        const source = readFileSync(fileURLToPath(new URL('./sw.js', import.meta.url)), 'utf8')
          .replace('__NAME__', `jiedao.m.${name}`)
          .replace('__FILES__', JSON.stringify(files))
        this.emitFile({ type: 'asset', fileName: 'sw.js', source })
      },
    },
  }
}

type Bundle = Record<string, { type: 'asset'; source: string | Uint8Array } | { type: 'chunk'; code: string }>

/** Addresses of all files that a text names, and that those name in turn. */
function neededBy(html: string, bundle: Bundle): string[] {
  const names = Object.keys(bundle).filter((name) => name.startsWith('assets/'))
  const found = new Set<string>()
  const texts = [html]
  for (let text = texts.pop(); text !== undefined; text = texts.pop()) {
    for (const name of names) {
      if (found.has(name) || !text.includes(name.slice('assets/'.length))) continue
      found.add(name)
      const file = bundle[name]!
      if (file.type === 'chunk') texts.push(file.code)
      else if (name.endsWith('.css')) texts.push(String(file.source))
    }
  }
  return [...found].sort().map((name) => `/${name}`)
}
