// SPDX-License-Identifier: Apache-2.0
import type { Words } from '@/api/client'

/** A photo that is kept on the phone; its bytes lie beside it, under the same id. */
export type Photo = {
  id: string
  type: string
  size_bytes: number
  taken_at: string
  /** Where an upload that was begun goes on; null before the platform has given it a name. */
  upload: string | null
  sent_bytes: number
  /** The platform's name for it, once it lies on its disk. */
  sha256: string | null
}

/**
 * An act of a person, kept on the phone until the platform has it.
 *
 * `id` is made once, when the button is pressed, so that sending it twice is the same act once.
 * Acts of one `chain` are sent in their order: nobody arrives before accepting.
 */
export type Entry = {
  id: string
  owner: string
  chain: string
  path: string
  body: Record<string, unknown>
  photos: Photo[]
  made_at: string
  state: 'waiting' | 'sending' | 'sent' | 'failed'
  /** Why it failed, in the platform's words; null where it gave none. */
  why: Words | null
}

export const isUnsent = (entry: Entry): boolean => entry.state !== 'sent'

/** Ids grow with time, so their order is the order in which the buttons were pressed. */
export const inOrder = (entries: readonly Entry[]): Entry[] => [...entries].sort((a, b) => (a.id < b.id ? -1 : 1))

/**
 * The act to send now, or null when none can be.
 *
 * A failed act holds up its own chain only. Acts without photos go first: an answer to an offer
 * has sixty seconds, and must not stand behind pictures on a slow network.
 */
export function nextToSend(entries: readonly Entry[]): Entry | null {
  const heads = new Map<string, Entry>()
  for (const entry of inOrder(entries.filter(isUnsent))) if (!heads.has(entry.chain)) heads.set(entry.chain, entry)
  const ready = [...heads.values()].filter((entry) => entry.state !== 'failed')
  return ready.find((entry) => entry.photos.every((photo) => photo.sha256 !== null)) ?? ready[0] ?? null
}

/** How much of an act's photos is on the platform, 0 to 100; null for an act without photos. */
export function sentPercent(entry: Entry): number | null {
  const all = entry.photos.reduce((sum, photo) => sum + photo.size_bytes, 0)
  if (all === 0) return null
  const sent = entry.photos.reduce((sum, photo) => sum + (photo.sha256 === null ? photo.sent_bytes : photo.size_bytes), 0)
  return Math.min(100, Math.floor((sent / all) * 100))
}

/** What the platform is sent: the same bytes each time, so that it knows a repeat. */
export function requestOf(entry: Entry): Record<string, unknown> {
  const blobs = entry.photos.flatMap((photo) => photo.sha256 ?? [])
  return { act_id: entry.id, ...entry.body, ...(blobs.length > 0 ? { blobs } : {}) }
}
