// SPDX-License-Identifier: Apache-2.0
import type { Words } from './generated'
import { newId } from './ids'
import { seat } from './seat'

export type { Words }

/** A refusal by the server: a stable code, words in both languages, and the facts. */
export class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly words: Words | null,
    readonly facts: Record<string, unknown>,
  ) {
    super(code)
  }
}

/** The server did not answer: no network, or it is starting again. Sending once more is safe. */
export class NoAnswer extends Error {
  readonly code = 'network.no_answer'
}

export type Failure = Refusal | NoAnswer

export function asFailure(error: unknown): Failure {
  if (error instanceof Refusal || error instanceof NoAnswer) return error
  throw error
}

/** Sessions end and start again beside us; the pages that care listen here. */
export const signedOut = new EventTarget()

const away = new Set([502, 503, 504])

async function parse(response: Response): Promise<unknown> {
  const text = await response.text()
  if (text === '') return null
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

/** `chair` is another page's, where the doorway seats a visitor before opening it. */
export async function call<T>(method: string, path: string, body?: unknown, chair: string = seat()): Promise<T> {
  const headers: Record<string, string> = { Accept: 'application/json', 'X-Jiedao-Seat': chair }
  if (method !== 'GET') headers['X-Jiedao-CSRF'] = '1'
  if (body !== undefined) headers['Content-Type'] = 'application/json'
  const init: RequestInit = { method, headers, credentials: 'same-origin', cache: 'no-store' }
  if (body !== undefined) init.body = JSON.stringify(body)

  let response: Response
  try {
    response = await fetch(`/api${path}`, init)
  } catch (error) {
    throw new NoAnswer('network', { cause: error })
  }
  const answer = await parse(response)
  if (response.ok) return answer as T
  if (away.has(response.status)) throw new NoAnswer(String(response.status))
  const problem = (answer ?? {}) as { code?: string; message?: Words; facts?: Record<string, unknown> }
  if (response.status === 401) signedOut.dispatchEvent(new Event('signed-out'))
  throw new Refusal(response.status, problem.code ?? `http.${response.status}`, problem.message ?? null, problem.facts ?? {})
}

export const get = <T>(path: string): Promise<T> => call<T>('GET', path)

const pauses_ms = [300, 900, 2000]
const pause = (ms: number) => new Promise<void>((done) => setTimeout(done, ms))

/**
 * Send an act, and send it again with the same id while nothing answers.
 *
 * The server keeps (act id, answer), so a repeat whose first try did arrive returns the first answer.
 */
export async function act<T>(path: string, body: Record<string, unknown> = {}, id: string = newId()): Promise<T> {
  for (const pause_ms of pauses_ms) {
    try {
      return await call<T>('POST', path, { act_id: id, ...body })
    } catch (error) {
      if (!(error instanceof NoAnswer)) throw error
      await pause(pause_ms)
    }
  }
  return call<T>('POST', path, { act_id: id, ...body })
}

/** Address of a file for <img> and <audio>, which cannot send our seat header. */
export function fileAddress(path: string, query: Record<string, string> = {}): string {
  const params = new URLSearchParams({ ...query, seat: seat() })
  return `/api${path}?${params.toString()}`
}

export function blobAddress(sha256: string, matter?: string): string {
  return fileAddress(`/blobs/${sha256}`, matter === undefined ? {} : { matter })
}
