// SPDX-License-Identifier: Apache-2.0
// Weighs what each page loads before anything is pressed (gzip), against the budgets of the
// design language: desk 500 K with the map left out, phone 200 K, doorway 200 K.
import { readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'

const dist = new URL('../dist/', import.meta.url)
const manifest = JSON.parse(readFileSync(new URL('.vite/manifest.json', dist), 'utf8'))
const budgets_kb = { 'index.html': 200, 'desk.html': 500, 'm.html': 200, 'wall.html': 500 }

function weigh(file) {
  return gzipSync(readFileSync(new URL(file, dist))).length
}

function collect(key, seen) {
  if (seen.has(key)) return seen
  seen.add(key)
  for (const next of manifest[key].imports ?? []) collect(next, seen)
  return seen
}

let over = false
for (const [page, budget_kb] of Object.entries(budgets_kb)) {
  const files = new Set()
  for (const key of collect(page, new Set())) {
    files.add(manifest[key].file)
    for (const css of manifest[key].css ?? []) files.add(css)
  }
  const kb = [...files].reduce((sum, file) => sum + weigh(file), 0) / 1024
  over ||= kb > budget_kb
  console.log(`${page}: ${kb.toFixed(1)} of ${budget_kb} KB gzip`)
}
process.exit(over ? 1 : 0)
