// SPDX-License-Identifier: Apache-2.0
import type { Card } from '@/matters/api'
import { awaitsPerson } from '@/matters/queue'
import type { Severity } from '@/ui/severity'

const window_ms = 10 * 60_000
const many = 10

/** Ten new alarms in ten minutes are more than one person can take singly. */
export function isFlood(cards: Iterable<Card>, now_ms: number): boolean {
  let fresh = 0
  for (const card of cards) if (now_ms - Date.parse(card.opened_at) < window_ms) fresh += 1
  return fresh >= many
}

/** In a flood only level 1 is heard, and of each place the alarm that came first. */
export function audible(cards: readonly Card[], flood: boolean): readonly Card[] {
  if (!flood) return cards
  const first = new Map<string, Card>()
  for (const card of cards) {
    const known = first.get(card.place.id)
    if (awaitsPerson(card) && (!known || card.opened_at < known.opened_at)) first.set(card.place.id, card)
  }
  return cards.filter((card) => card.severity === 1 || first.get(card.place.id) === card)
}

// How long an alarm may wait for a person before others are brought in.
const patience_ms: Partial<Record<Severity, number>> = { 1: 60_000, 2: 5 * 60_000, 3: 30 * 60_000 }

/** An alarm that nobody has confirmed in the time of its level. */
export function isUnconfirmed(card: Card, now_ms: number): boolean {
  const patience = patience_ms[card.severity]
  return awaitsPerson(card) && patience !== undefined && now_ms - Date.parse(card.opened_at) >= patience
}

/** The alarms of one place together, the most severe first, both within a place and among them. */
export function groupsOf(cards: readonly Card[]): Card[][] {
  const groups = new Map<string, Card[]>()
  for (const card of [...cards].sort((a, b) => a.severity - b.severity || b.opened_at.localeCompare(a.opened_at))) {
    const group = groups.get(card.place.id)
    if (group) group.push(card)
    else groups.set(card.place.id, [card])
  }
  return [...groups.values()]
}
