// SPDX-License-Identifier: Apache-2.0
import { NoAnswer, Refusal, type Words } from '@/api/client'
import { askTicket } from '@/api/tickets'
import type { Photo } from './entry'

export const chunk_bytes = 64 * 1024

type Standing = { offset: number; sha256?: string }

/** The lines to the stream process; specs play them. */
export type UploadLine = {
  /** Announce an upload; answers the address at which its chunks are taken. */
  announce: (photo: Photo) => Promise<string>
  /** How far an upload is. */
  standing: (address: string) => Promise<Standing>
  send: (address: string, offset: number, chunk: ArrayBuffer) => Promise<Standing>
}

type Problem = { code?: string; message?: Words; facts?: Record<string, unknown> }

async function ask<T>(method: string, url: string, headers: Record<string, string>, body?: ArrayBuffer): Promise<T> {
  let response: Response
  try {
    response = await fetch(url, { method, headers, cache: 'no-store', ...(body ? { body } : {}) })
  } catch (error) {
    throw new NoAnswer('network', { cause: error })
  }
  const answer: unknown = await response.json().catch(() => null)
  if (response.ok && answer !== null) return answer as T
  if (response.ok || response.status >= 502) throw new NoAnswer(String(response.status))
  const problem = (answer ?? {}) as Problem
  throw new Refusal(response.status, problem.code ?? `http.${response.status}`, problem.message ?? null, problem.facts ?? {})
}

export const streamLine: UploadLine = {
  async announce(photo) {
    const url = new URL((await askTicket('upload')).url, window.location.href)
    const headers = { 'Upload-Length': String(photo.size_bytes), 'Upload-Type': photo.type }
    const { id } = await ask<{ id: string }>('POST', url.href, headers)
    return `${url.origin}${url.pathname}/${id}`
  },
  standing: (address) => ask<Standing>('GET', address, {}),
  send: (address, offset, chunk) => ask<Standing>('PATCH', `${address}?offset=${offset}`, { 'Content-Type': 'application/octet-stream' }, chunk),
}

const isGone = (error: unknown) => error instanceof Refusal && error.code === 'upload.unknown'

/** Where the platform says that the next chunk begins, when ours began elsewhere. */
function trueOffset(error: unknown): number | null {
  const offset = error instanceof Refusal && error.code === 'upload.wrong_offset' ? error.facts['offset'] : null
  return typeof offset === 'number' ? offset : null
}

/**
 * Send a photo, going on where an earlier try stopped; answers the platform's name for it.
 *
 * `kept` hears of each step, so that a reload loses at most one chunk.
 *
 * Throws NoAnswer when the network is gone, and Refusal when the platform does not take it.
 */
export async function upload(photo: Photo, bytes: ArrayBuffer, line: UploadLine, kept: (photo: Photo) => Promise<void>): Promise<string> {
  let now = photo
  const step = async (next: Partial<Photo>) => kept((now = { ...now, ...next }))
  let standing: Standing = { offset: 0 }
  if (now.upload !== null) {
    try {
      standing = await line.standing(now.upload)
    } catch (error) {
      if (!isGone(error)) throw error
      now = { ...now, upload: null } // Its time was over; it begins anew.
    }
  }
  const address = now.upload ?? (await line.announce(now))
  await step({ upload: address, sent_bytes: standing.offset })
  while (standing.sha256 === undefined) {
    const { offset } = standing
    try {
      standing = await line.send(address, offset, bytes.slice(offset, offset + chunk_bytes))
    } catch (error) {
      const next = trueOffset(error)
      // The same answer twice would go round for ever.
      if (next === null || next === offset) throw error
      standing = { offset: next }
    }
    await step({ sent_bytes: standing.offset })
  }
  await step({ sha256: standing.sha256, sent_bytes: now.size_bytes })
  return standing.sha256
}
