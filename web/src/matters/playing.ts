// SPDX-License-Identifier: Apache-2.0
import type { MatterDetail } from './api'

const open = new Set(['asked', 'claimed', 'calling', 'playing'])

/** The announcement, not a person's voice, that sounds now or is about to; null when the last one is over. */
export function nowPlaying(detail: MatterDetail): { id: string; words: string } | null {
  const one = detail.announcements.findLast((each) => open.has(each.state) && !each.live)
  return one ? { id: one.id, words: one.text } : null
}
