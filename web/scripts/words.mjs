// SPDX-License-Identifier: Apache-2.0
// Two rules a type checker cannot hold: every word a person reads stands in src/i18n, and every
// colour stands in src/tokens. Specs are free to name what an operator sees, and what is made from
// the server's schemas keeps the server's comments.
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const han = /\p{Script=Han}/u
const colour = /(?<![&\w])#(?:[0-9a-fA-F]{3,4}|[0-9a-fA-F]{6}|[0-9a-fA-F]{8})\b|\brgba?\(|\bhsla?\(/

function* files(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) yield* files(path)
    else if (/\.(ts|vue|css|html)$/.test(entry.name) && !/\.spec\.ts$/.test(entry.name)) yield path
  }
}

const pages = readdirSync(root).filter((name) => name.endsWith('.html')).map((name) => join(root, name))
const found = []
for (const path of [...files(join(root, 'src')), ...pages]) {
  const name = relative(root, path)
  const lines = readFileSync(path, 'utf8').split('\n')
  lines.forEach((line, i) => {
    if (!name.startsWith('src/i18n/') && name !== 'src/api/generated.ts' && han.test(line)) found.push(`${name}:${i + 1}: Chinese outside src/i18n: ${line.trim()}`)
    if (!name.startsWith('src/tokens/') && colour.test(line)) found.push(`${name}:${i + 1}: colour outside src/tokens: ${line.trim()}`)
  })
}
if (found.length > 0) {
  console.error(found.join('\n'))
  process.exit(1)
}
