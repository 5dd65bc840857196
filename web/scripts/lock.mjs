// SPDX-License-Identifier: Apache-2.0
// The lock file may hold no addresses: it must install the same from any registry, so that a
// town behind its own mirror needs no edit. `--fix` drops the funding notes npm writes.
import { readFileSync, writeFileSync } from 'node:fs'

const path = new URL('../package-lock.json', import.meta.url)
const lock = JSON.parse(readFileSync(path, 'utf8'))

if (process.argv.includes('--fix')) {
  for (const entry of Object.values(lock.packages)) delete entry.funding
  writeFileSync(path, JSON.stringify(lock, null, 2) + '\n')
}

const lines = readFileSync(path, 'utf8').split('\n')
const bad = lines.flatMap((line, i) => (/https?:\/\//.test(line) ? [`package-lock.json:${i + 1}: ${line.trim()}`] : []))
if (bad.length > 0) {
  console.error(bad.join('\n'))
  console.error('addresses in package-lock.json: run `node scripts/lock.mjs --fix`')
  process.exit(1)
}
