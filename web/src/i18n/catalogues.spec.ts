// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest'
import en from './en.json'
import zh from './zh-CN.json'

type Tree = { [key: string]: string | Tree }

function flat(tree: Tree, prefix = ''): Map<string, string> {
  const found = new Map<string, string>()
  for (const [key, value] of Object.entries(tree)) {
    if (typeof value === 'string') found.set(prefix + key, value)
    else for (const [name, text] of flat(value, `${prefix}${key}.`)) found.set(name, text)
  }
  return found
}

const [chinese, english] = [flat(zh), flat(en)]
const sources = import.meta.glob<string>(['../**/*.vue', '../**/*.ts', '!../**/*.spec.ts'], { query: '?raw', import: 'default', eager: true })
const holes = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map((hole) => hole[1]).sort()

describe('the two catalogues', () => {
  it('have the same keys', () => {
    expect([...english.keys()].sort()).toEqual([...chinese.keys()].sort())
  })

  it('have no empty words and the same holes', () => {
    for (const [key, text] of chinese) {
      expect(text.trim(), key).not.toBe('')
      expect(holes(english.get(key) ?? ''), key).toEqual(holes(text))
    }
  })

  it('hold every key the screens ask for by name', () => {
    for (const [path, source] of Object.entries(sources)) {
      for (const [, key] of source.matchAll(/\bt\('([\w.]+)'/g)) expect(chinese.has(key ?? ''), `${path}: ${key}`).toBe(true)
    }
  })
})
