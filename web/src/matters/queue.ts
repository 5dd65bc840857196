// SPDX-License-Identifier: Apache-2.0
import type { Card, MatterState } from './api'

export const tabs = ['intake', 'handling', 'verifying', 'closed'] as const
export type Tab = (typeof tabs)[number]

const places: Record<MatterState, Tab> = {
  reported: 'intake',
  filed: 'handling',
  dispatched: 'handling',
  on_way: 'handling',
  on_scene: 'handling',
  handling: 'handling',
  reported_back: 'verifying',
  verifying: 'verifying',
  closed: 'closed',
  rated: 'closed',
  solved: 'closed',
  false_alarm: 'closed',
  merged: 'closed',
  transferred: 'closed',
  left: 'closed',
  taken_up: 'closed',
  dropped: 'closed',
}

const tabByState = (card: Card): Tab => places[card.state] ?? 'handling'

/** Nobody has confirmed it yet, whatever a plan may have begun. */
export function awaitsPerson(card: Card): boolean {
  return !card.confirmed && ['intake', 'handling'].includes(tabByState(card))
}

/** A plan may have sent somebody already; until a person confirms, the matter waits under intake. */
export function tabOf(card: Card): Tab {
  const tab = tabByState(card)
  return tab === 'handling' && awaitsPerson(card) ? 'intake' : tab
}

export const isOpen = (card: Card): boolean => tabOf(card) !== 'closed'

export type Order = 'severity' | 'newest'
export const facets = ['severity', 'item', 'community', 'source'] as const
export type Facet = (typeof facets)[number]
export type Filters = Partial<Record<Facet, string>>

const newestFirst = (a: Card, b: Card) => Date.parse(b.opened_at) - Date.parse(a.opened_at)
const orders: Record<Order, (a: Card, b: Card) => number> = {
  severity: (a, b) => a.severity - b.severity || newestFirst(a, b),
  newest: newestFirst,
}

export function facetValue(card: Card, facet: Facet): string {
  return String(card[facet])
}

export function passes(card: Card, filters: Filters): boolean {
  return facets.every((facet) => filters[facet] === undefined || facetValue(card, facet) === filters[facet])
}

/** Every matter under its tab, in the chosen order. Closed ones are always newest first. */
export function queueOf(cards: Iterable<Card>, filters: Filters, order: Order): Record<Tab, Card[]> {
  const queue: Record<Tab, Card[]> = { intake: [], handling: [], verifying: [], closed: [] }
  for (const card of cards) if (passes(card, filters)) queue[tabOf(card)].push(card)
  for (const tab of tabs) queue[tab].sort(tab === 'closed' ? newestFirst : orders[order])
  return queue
}

/** Share of the response time that is used, 0..1 and beyond; null where no answer is due. */
export function usedShare(card: Card, now_ms: number): number | null {
  const due = awaitsPerson(card) ? card.respond_by : card.due_at
  if (due === null || !isOpen(card)) return null
  const [from, to] = [Date.parse(card.opened_at), Date.parse(due)]
  return to > from ? Math.max(0, (now_ms - from) / (to - from)) : 1
}

/** Only what is severe and late gets colour: over three quarters of the time, level 1 or 2. */
export function isPressing(card: Card, now_ms: number): boolean {
  return card.severity <= 2 && (usedShare(card, now_ms) ?? 0) > 0.75
}
