// SPDX-License-Identifier: Apache-2.0
import type { Card } from '@/matters/api'
import { isOpen } from '@/matters/queue'
import type { Page, WallMode } from './api'

/** How long each page stays, in seconds. */
export const stays_s: Record<Page, number> = { overview: 60, cameras: 20 }
const turns: readonly Page[] = ['overview', 'cameras']

/**
 * Which page stands on the wall. A level 1 brings the overview, whatever was set; else the page
 * that was set stays, else pages take turns, a page with nothing to show being left out.
 */
export function pageAt(now_s: number, mode: WallMode, open: readonly Card[], cameras: number): Page {
  if (open.some((card) => card.severity === 1) || cameras === 0) return 'overview'
  if (mode.page !== '') return mode.page
  const round_s = turns.reduce((sum, page) => sum + stays_s[page], 0)
  let left_s = now_s % round_s
  for (const page of turns) {
    if (left_s < stays_s[page]) return page
    left_s -= stays_s[page]
  }
  return 'overview'
}

/** What the room looks at: the gravest open matter, of those the newest. */
export function spotlightOf(cards: readonly Card[]): Card | null {
  return [...cards].filter(isOpen).sort((a, b) => a.severity - b.severity || b.opened_at.localeCompare(a.opened_at))[0] ?? null
}

/** Open matters by level, then those that wait longest. */
export function waitingOf(cards: readonly Card[]): Card[] {
  return [...cards].filter(isOpen).sort((a, b) => a.severity - b.severity || a.opened_at.localeCompare(b.opened_at))
}

/** The group of a rotation that is shown at a time, and which one of how many it is. */
export function groupAt<T>(things: readonly T[], size: number, every_s: number, now_s: number): { shown: T[]; at: number; of: number } {
  const of = Math.max(1, Math.ceil(things.length / size))
  const at = Math.floor(now_s / every_s) % of
  return { shown: things.slice(at * size, (at + 1) * size), at, of }
}

export type Stage = { key: string; at: string | null }

// What happened, by the record that says so. The last ones may still be to come.
const stages: readonly { key: string; verbs: RegExp }[] = [
  { key: 'found', verbs: /^matter\.reported$/ },
  { key: 'confirmed', verbs: /^matter\.acted\.confirm/ },
  { key: 'spoken', verbs: /^announcement\.playing$/ },
  { key: 'sent', verbs: /^task\.offered$/ },
  { key: 'on_way', verbs: /^task\.accepted$/ },
  { key: 'on_scene', verbs: /^task\.arrived$/ },
]

/** The steps of a matter with the time of each that has been done. */
export function stagesOf(timeline: readonly { verb: string; at: string }[]): Stage[] {
  return stages.map(({ key, verbs }) => ({ key, at: timeline.find((row) => verbs.test(row.verb))?.at ?? null }))
}

/** How much more or less than a week ago; null where one of the two is unknown. */
export function change(now: number | null, before: number | null): number | null {
  return now === null || before === null ? null : now - before
}

export const share = (part: number, whole: number): number | null => (whole > 0 ? (100 * part) / whole : null)
