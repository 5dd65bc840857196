// SPDX-License-Identifier: Apache-2.0
import type { ActionOffer, MatterDetail } from './api'

/** What the server offers now, under the name a button asks for. */
export function offerOf(detail: Pick<MatterDetail, 'actions'>, ...names: string[]): ActionOffer | null {
  for (const name of names) {
    const found = detail.actions.find((offer) => offer.action === name)
    if (found) return found
  }
  return null
}

// What the person gives with the press itself does not stand in the way.
const given = new Set(['note', 'reason', 'into', 'party', 'rating', 'blobs'])

/** Codes of what still stands in the way, beyond what the form asks for. */
export function obstacles(offer: ActionOffer | null): string[] {
  return (offer?.missing ?? []).filter((code) => !given.has(code) && !(offer?.needs ?? []).includes(code))
}

export const mayDo = (offer: ActionOffer | null): offer is ActionOffer => offer !== null && obstacles(offer).length === 0
