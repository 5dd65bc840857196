// SPDX-License-Identifier: Apache-2.0
import { NoAnswer, Refusal } from '@/api/client'
import { nextToSend, requestOf, type Entry, type Photo } from './entry'
import type { Store } from './store'
import { upload, type UploadLine } from './upload'

/** What the sender needs of the world; specs play it. */
export type SenderWorld = {
  store: Store
  line: UploadLine
  post: (path: string, body: Record<string, unknown>) => Promise<unknown>
  /** Hears every change of an entry, before it is waited on further. */
  changed: (entry: Entry) => void
}

// The platform is there but cannot take it now: who sits here, too many at once, a full disk.
const later = new Set([401, 408, 425, 429])

/** Whether the same act may succeed by itself later; everything else needs a person. */
export function isForLater(error: unknown): boolean {
  if (error instanceof NoAnswer) return true
  return error instanceof Refusal && (later.has(error.status) || error.status >= 500 || error.code === 'stream.ticket_refused')
}

/**
 * Send what waits, one act at a time, until nothing can be sent or the network is gone.
 *
 * Answers whether everything that could be sent was; false means: try again later.
 */
export async function sendAll(entries: () => readonly Entry[], world: SenderWorld): Promise<boolean> {
  for (;;) {
    const entry = nextToSend(entries())
    if (!entry) return true
    try {
      await sendOne(entry, world)
    } catch (error) {
      if (isForLater(error)) {
        await keep(world, { ...latest(entries, entry), state: 'waiting' })
        return false
      }
      if (!(error instanceof Refusal)) throw error
      await keep(world, { ...latest(entries, entry), state: 'failed', why: error.words })
    }
  }
}

const latest = (entries: () => readonly Entry[], entry: Entry) => entries().find((one) => one.id === entry.id) ?? entry

async function keep(world: SenderWorld, entry: Entry): Promise<void> {
  world.changed(entry)
  try {
    await world.store.put(entry)
  } catch (error) {
    // What lies on the phone is then older than the truth, which only means sending it twice.
    console.error('outbox', error)
  }
}

async function sendOne(entry: Entry, world: SenderWorld): Promise<void> {
  let now: Entry = { ...entry, state: 'sending', why: null }
  await keep(world, now)
  for (const photo of entry.photos) {
    if (photo.sha256 !== null) continue
    const bytes = await world.store.bytes(photo.id)
    if (bytes === null) throw new Refusal(0, 'phone.photo_lost', null, {})
    const step = (next: Photo) => keep(world, (now = { ...now, photos: now.photos.map((one) => (one.id === next.id ? next : one)) }))
    await upload(photo, bytes, world.line, step)
  }
  await world.post(now.path, requestOf(now))
  await keep(world, { ...now, state: 'sent' })
  for (const photo of now.photos) await world.store.dropPhoto(photo.id)
}
