// SPDX-License-Identifier: Apache-2.0
import type { Camera } from '@/cameras/api'
import type { Person } from '@/dispatch/api'
import { said } from '@/i18n'
import type { Card } from '@/matters/api'
import { spotOf, type Spot } from '@/shared/distance'

export type Hit = { kind: 'matter' | 'person' | 'camera'; id: string; words: string; more: string; matter?: string; camera?: Camera; spot?: Spot }

const most = 8

/** What the desk already holds, by number, place, title or name. Empty words find nothing. */
export function search(words: string, cards: readonly Card[], people: readonly Person[], cameras: readonly Camera[]): Hit[] {
  const wanted = words.trim().toLowerCase()
  if (wanted === '') return []
  const has = (...texts: string[]) => texts.some((text) => text.toLowerCase().includes(wanted))
  const hits: Hit[] = []
  for (const card of cards) {
    const title = said(card.title)
    if (has(card.number, title, card.place.name, card.community)) {
      hits.push({ kind: 'matter', id: card.id, words: `${title} · ${card.place.name}`, more: card.number, matter: card.id })
    }
  }
  const at = (thing: { lon: number | null; lat: number | null }) => {
    const spot = spotOf(thing)
    return spot ? { spot } : {}
  }
  for (const one of people) if (has(one.name, one.unit)) hits.push({ kind: 'person', id: one.id, words: one.name, more: one.unit, ...at(one) })
  for (const one of cameras) if (has(one.name)) hits.push({ kind: 'camera', id: one.id, words: one.name, more: '', camera: one, ...at(one) })
  return hits.slice(0, most)
}
