// SPDX-License-Identifier: Apache-2.0
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { NoAnswer, Refusal } from '@/api/client'
import { nextToSend, requestOf, sentPercent, type Entry, type Photo } from './entry'
import { sendAll, type SenderWorld } from './sender'
import type { Draft, Store } from './store'
import { chunk_bytes, upload, type UploadLine } from './upload'

let made = 0
beforeEach(() => (made = 0))

function anEntry(values: Partial<Entry> = {}): Entry {
  made += 1
  return {
    id: `act-${String(made).padStart(3, '0')}`, owner: 'me', chain: 'task:1', path: '/tasks/1/acts/accept', body: {}, photos: [],
    made_at: '2026-11-23T01:00:00Z', state: 'waiting', why: null, ...values,
  }
}

const aPhoto = (values: Partial<Photo> = {}): Photo => ({
  id: 'photo-1', type: 'image/jpeg', size_bytes: 3 * chunk_bytes, taken_at: '2026-11-23T01:00:00Z', upload: null, sent_bytes: 0, sha256: null, ...values,
})

/** A phone's memory that a spec can look into. */
class Memory implements Store {
  readonly kept = new Map<string, Entry>()
  readonly photos = new Map<string, ArrayBuffer>()
  full = false
  entries = async () => [...this.kept.values()]
  put = async (entry: Entry) => {
    if (this.full) throw new DOMException('full', 'QuotaExceededError')
    this.kept.set(entry.id, structuredClone(entry))
  }
  drop = async (entry: Entry) => void this.kept.delete(entry.id)
  draft = async () => null
  putDraft = async () => undefined
  bytes = async (photo: string) => this.photos.get(photo) ?? null
  putPhoto = async (photo: string, bytes: ArrayBuffer, draft: Draft) => (void draft, void this.photos.set(photo, bytes))
  dropPhoto = async (photo: string) => void this.photos.delete(photo)
}

/** A platform that takes chunks, and can be made to fail before any of them. */
class Platform implements UploadLine {
  offset = 0
  size = 3 * chunk_bytes
  announced = 0
  readonly chunks: number[] = []
  failAt = new Map<number, Error>()
  announce = async () => (this.announced += 1, (this.offset = 0), `http://stream/upload/${this.announced}`)
  standing = async () => this.say()
  send = async (_address: string, offset: number, chunk: ArrayBuffer) => {
    const failure = this.failAt.get(offset)
    this.failAt.delete(offset)
    if (failure) throw failure
    if (offset !== this.offset) throw new Refusal(409, 'upload.wrong_offset', null, { offset: this.offset })
    this.chunks.push(offset)
    this.offset += chunk.byteLength
    return this.say()
  }
  private say = () => (this.offset === this.size ? { offset: this.offset, sha256: 'kept' } : { offset: this.offset })
}

function aWorld(entries: Entry[], post: SenderWorld['post'] = async () => null) {
  const store = new Memory()
  const list = new Map(entries.map((entry) => [entry.id, entry]))
  const asked: { path: string; body: Record<string, unknown> }[] = []
  const world: SenderWorld = {
    store, line: new Platform(),
    changed: (entry) => void list.set(entry.id, entry),
    post: async (path, body) => (asked.push({ path, body }), post(path, body)),
  }
  return { world, store, asked, now: () => [...list.values()], states: () => [...list.values()].map((entry) => entry.state) }
}

describe('which act goes next', () => {
  it('is the oldest of its chain: nobody arrives before accepting', () => {
    const [accept, arrive] = [anEntry(), anEntry()]
    expect(nextToSend([arrive, accept])).toBe(accept)
  })

  it('is an answer to an offer before a report whose photos are still here', () => {
    const report = anEntry({ chain: 'task:1', photos: [aPhoto()] })
    const accept = anEntry({ chain: 'task:2' })
    expect(nextToSend([report, accept])).toBe(accept)
  })

  it('is none behind a failed one, but other chains go on', () => {
    const failed = anEntry({ state: 'failed' })
    const behind = anEntry()
    expect(nextToSend([failed, behind])).toBeNull()
    const other = anEntry({ chain: 'task:2' })
    expect(nextToSend([failed, behind, other])).toBe(other)
  })
})

describe('sending what waits', () => {
  it('sends in order, each with the id it was born with', async () => {
    const entries = [anEntry(), anEntry({ path: '/tasks/1/acts/arrive' })]
    const { world, asked, now, states } = aWorld(entries)
    expect(await sendAll(now, world)).toBe(true)
    expect(asked.map((one) => one.body['act_id'])).toEqual(entries.map((entry) => entry.id))
    expect(states()).toEqual(['sent', 'sent'])
  })

  it('keeps everything waiting, in order, while nothing answers', async () => {
    const { world, asked, now, states } = aWorld([anEntry(), anEntry()], () => Promise.reject(new NoAnswer('network')))
    expect(await sendAll(now, world)).toBe(false)
    expect(asked).toHaveLength(1)
    expect(states()).toEqual(['waiting', 'waiting'])
  })

  it('is the same act when it is sent twice', async () => {
    let tries = 0
    const { world, asked, now } = aWorld([anEntry({ body: { at: 'then' } })], () => ((tries += 1) === 1 ? Promise.reject(new NoAnswer('502')) : Promise.resolve(null)))
    await sendAll(now, world)
    await sendAll(now, world)
    expect(asked[0]).toEqual(asked[1])
  })

  it('keeps the words of a refusal, and sends nothing that hangs on it', async () => {
    const words = { 'zh-CN': '派单已超时', en: 'The offer is over' }
    const { world, asked, now, states } = aWorld([anEntry(), anEntry()], () => Promise.reject(new Refusal(409, 'matters.wrong_task_state', words, {})))
    expect(await sendAll(now, world)).toBe(true)
    expect(asked).toHaveLength(1)
    expect(states()).toEqual(['failed', 'waiting'])
    expect(now()[0]?.why).toEqual(words)
  })

  it.each([401, 429, 500, 507])('waits for another time when the platform says %i', async (status) => {
    const { world, now, states } = aWorld([anEntry()], () => Promise.reject(new Refusal(status, 'x', null, {})))
    expect(await sendAll(now, world)).toBe(false)
    expect(states()).toEqual(['waiting'])
  })

  it('sends photos first, names them in the report, and then forgets their bytes', async () => {
    const { world, store, asked, now } = aWorld([anEntry({ photos: [aPhoto()], body: { note: 'done' } })])
    store.photos.set('photo-1', new ArrayBuffer(3 * chunk_bytes))
    expect(await sendAll(now, world)).toBe(true)
    expect(asked[0]?.body).toMatchObject({ note: 'done', blobs: ['kept'] })
    expect(store.photos.size).toBe(0)
  })

  it('fails a report whose photo this phone has lost, rather than sending it without', async () => {
    const { world, asked, now, states } = aWorld([anEntry({ photos: [aPhoto()] })])
    await sendAll(now, world)
    expect(asked).toHaveLength(0)
    expect(states()).toEqual(['failed'])
  })

  it('sends from memory when the phone can keep nothing more', async () => {
    const { world, store, now, states } = aWorld([anEntry()])
    store.full = true
    const told = vi.spyOn(console, 'error').mockReturnValue(undefined)
    expect(await sendAll(now, world)).toBe(true)
    expect(states()).toEqual(['sent'])
    expect(told).toHaveBeenCalled()
  })
})

describe('sending a photo', () => {
  const bytes = new ArrayBuffer(3 * chunk_bytes)
  const keeper = () => {
    const steps: Photo[] = []
    return { steps, keep: async (photo: Photo) => void steps.push(photo) }
  }

  it('goes in chunks and says how far it is', async () => {
    const line = new Platform()
    const { steps, keep } = keeper()
    expect(await upload(aPhoto(), bytes, line, keep)).toBe('kept')
    expect(line.chunks).toEqual([0, chunk_bytes, 2 * chunk_bytes])
    expect(steps.map((photo) => sentPercent(anEntry({ photos: [photo] })))).toEqual([0, 33, 66, 100, 100])
  })

  it('goes on where a lost line stopped it', async () => {
    const line = new Platform()
    line.failAt.set(chunk_bytes, new NoAnswer('network'))
    const { steps, keep } = keeper()
    await expect(upload(aPhoto(), bytes, line, keep)).rejects.toBeInstanceOf(NoAnswer)
    expect(await upload(steps.at(-1)!, bytes, line, keep)).toBe('kept')
    expect(line.announced).toBe(1)
    expect(line.chunks).toEqual([0, chunk_bytes, 2 * chunk_bytes])
  })

  it('follows the platform when it has more than we knew', async () => {
    const line = new Platform()
    line.offset = 2 * chunk_bytes
    line.standing = async () => ({ offset: 0 })
    const { keep } = keeper()
    expect(await upload(aPhoto({ upload: 'http://stream/upload/1' }), bytes, line, keep)).toBe('kept')
    expect(line.chunks).toEqual([2 * chunk_bytes])
  })

  it('begins anew when its time on the platform was over', async () => {
    const line = new Platform()
    line.standing = () => Promise.reject(new Refusal(404, 'upload.unknown', null, {}))
    expect(await upload(aPhoto({ upload: 'http://stream/upload/0', sent_bytes: chunk_bytes }), bytes, line, keeper().keep)).toBe('kept')
    expect(line.announced).toBe(1)
  })
})

describe('the request of an act', () => {
  it('has no photos where none were taken', () => {
    expect(requestOf(anEntry({ body: { lon: 1 } }))).toEqual({ act_id: 'act-001', lon: 1 })
  })
})
