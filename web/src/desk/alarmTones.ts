// SPDX-License-Identifier: Apache-2.0
import type { Card } from '@/matters/api'
import { awaitsPerson } from '@/matters/queue'
import type { Severity } from '@/ui/severity'

export type Tone = { card: Card; kind: 'insistent' | 'double' | 'tick' }

/** When each alarm last sounded, by matter; what has never sounded is absent. */
export type Sounded = ReadonlyMap<string, number>

const kinds: Partial<Record<Severity, Tone['kind']>> = { 1: 'insistent', 2: 'double', 3: 'tick' }
// Level 1 comes back every 10 s and level 2 every 60 s until somebody confirms; level 3 sounds once.
const again_ms: Partial<Record<Severity, number>> = { 1: 10_000, 2: 60_000 }

/**
 * The one tone to play now, or null. A pure rule of (open alarms, what sounded, time, mute).
 *
 * The most severe wins: two alarms at once make one sound. Mute never covers level 1.
 */
export function toneDue(cards: Iterable<Card>, sounded: Sounded, now_ms: number, muted_until_ms: number): Tone | null {
  let due: Tone | null = null
  for (const card of cards) {
    const kind = kinds[card.severity]
    if (!awaitsPerson(card) || kind === undefined) continue
    if (card.severity !== 1 && now_ms < muted_until_ms) continue
    const last_ms = sounded.get(card.id)
    const pause_ms = again_ms[card.severity] ?? Infinity
    if (last_ms !== undefined && now_ms - last_ms < pause_ms) continue
    if (due === null || card.severity < due.card.severity) due = { card, kind }
  }
  return due
}
