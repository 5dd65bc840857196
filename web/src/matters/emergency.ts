// SPDX-License-Identifier: Apache-2.0
import type { Card } from './api'

export type Line = { code: 'police_110' | 'fire_119' | 'ambulance_120'; number: string }

const lines: readonly Line[] = [
  { code: 'police_110', number: '110' },
  { code: 'fire_119', number: '119' },
  { code: 'ambulance_120', number: '120' },
]
const hot = /heat|smoke|flame|on_fire/

/** The three lines that help comes from, the one that the item speaks for first. */
export function linesOf(card: Card): Line[] {
  const first = hot.test(card.item) ? 'fire_119' : 'police_110'
  return [...lines].sort((a, b) => Number(b.code === first) - Number(a.code === first))
}
