// SPDX-License-Identifier: Apache-2.0
import { said } from '@/i18n'
import type { MatterDetail } from './api'

const begun = new Set(['announcement.asked', 'announcement.playing'])
const over = new Set(['announcement.played', 'announcement.failed', 'announcement.stopped'])

/** The announcement that sounds now, read from the timeline; null when the last one is over. */
export function nowPlaying(detail: MatterDetail): { id: string; words: string } | null {
  const open = new Map<string, string>()
  for (const row of [...detail.timeline].sort((a, b) => a.at.localeCompare(b.at))) {
    const id = row.facts['announcement']
    if (typeof id !== 'string') continue
    if (begun.has(row.verb)) open.set(id, said(row.words))
    if (over.has(row.verb)) open.delete(id)
  }
  const last = [...open].at(-1)
  return last ? { id: last[0], words: last[1] } : null
}
