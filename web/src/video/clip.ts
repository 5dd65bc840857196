// SPDX-License-Identifier: Apache-2.0
import type { MatterDetail } from '@/matters/api'
import { blobAddress } from '@/api/client'
import type { Severity } from '@/ui/severity'

/** The kept minute around an alarm. Times are capture times, in ms since the epoch. */
export type Clip = {
  camera: string
  address: string
  /** Of the first picture; null where the record does not tell. */
  began_ms: number | null
  alarm_ms: number
  severity: Severity
}

export const step_s = 5
const before_ms = 30_000
const after_ms = 30_000

/** The clip of a matter that a camera saw, once it is kept. */
export function clipOf(detail: MatterDetail | null): Clip | null {
  const kept = detail?.evidence.find((one) => one.what === 'clip')
  if (!detail?.card.camera || !kept) return null
  return {
    camera: detail.card.camera,
    address: blobAddress(kept.sha256, detail.card.id),
    began_ms: kept.began_at ? Date.parse(kept.began_at) : null,
    alarm_ms: Date.parse(kept.at ?? detail.card.opened_at),
    severity: detail.card.severity,
  }
}

/**
 * From when to when the clip goes. Before its length is known it is the minute that is kept; the
 * half minute after the alarm ends every whole clip, which tells where an untold one began.
 */
export function spanOf(clip: Clip, length_s: number | null): { from_ms: number; to_ms: number } {
  if (length_s === null) {
    const from_ms = clip.began_ms ?? clip.alarm_ms - before_ms
    return { from_ms, to_ms: Math.max(clip.alarm_ms + after_ms, from_ms + 1000) }
  }
  const from_ms = clip.began_ms ?? clip.alarm_ms - Math.max(0, length_s * 1000 - after_ms)
  return { from_ms, to_ms: from_ms + length_s * 1000 }
}

/** Where a step goes: from live into the clip just before the alarm, and never out of the clip. */
export function stepped(at_ms: number | null, by_s: number, span: { from_ms: number; to_ms: number }, alarm_ms: number): number {
  const from_ms = at_ms ?? alarm_ms
  return Math.min(span.to_ms, Math.max(span.from_ms, from_ms + by_s * 1000))
}
