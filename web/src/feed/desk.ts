// SPDX-License-Identifier: Apache-2.0
import type { Card, DeskSnapshot } from '@/matters/api'
import type { FeedEvent } from './events'

/** The desk's picture of the town: the snapshot with its cards by id. */
export type DeskState = Omit<DeskSnapshot, 'cards'> & { cards: ReadonlyMap<string, Card> }

export function fromSnapshot(snapshot: DeskSnapshot): DeskState {
  return { ...snapshot, cards: new Map(snapshot.cards.map((card) => [card.id, card])) }
}

/**
 * What one event changes. Pure: told twice, or told late, it changes nothing the second time.
 *
 * Positions order the feed; versions order one matter. A card older than ours is dropped, so that
 * an event that outran its snapshot can never turn a matter back.
 */
export function applyEvent(state: DeskState, event: FeedEvent): DeskState {
  if (event.position <= state.position) return state
  const next: DeskState = { ...state, position: event.position, at: event.at }
  if (!event.card) return next
  const known = state.cards.get(event.card.id)
  if (known && known.version > event.card.version) return next
  next.cards = new Map(state.cards).set(event.card.id, event.card)
  return next
}
