// SPDX-License-Identifier: Apache-2.0
import type { Card } from '@/matters/api'

/** One sealed record as the feed tells it; `position` is gapless on the server and only grows. */
export type FeedEvent = {
  position: number
  verb: string
  at: string
  matter: string | null
  task: string | null
  version: number | null
  card: Card | null
  payload: Record<string, unknown>
}

export type ProcessState = { name: string; state: string; why: string }

export type FeedControl =
  | { kind: 'hello'; position: number; at?: string; processes?: ProcessState[] }
  /** `age_s`: how long ago the platform last read its database, in seconds. */
  | { kind: 'beat'; position: number; at: string; age_s?: number; processes?: ProcessState[] }
  | { kind: 'processes'; at: string; processes: ProcessState[] }
  | { kind: 'resync'; position: number; why: 'slow' | 'too_old' | 'restored' }
  | { kind: 'session_ended' }

export type FeedMessage = FeedControl | FeedEvent

export function isControl(message: FeedMessage): message is FeedControl {
  return 'kind' in message
}

export function parseMessage(text: string): FeedMessage | null {
  try {
    const message = JSON.parse(text) as Partial<FeedMessage>
    return 'kind' in message || typeof (message as FeedEvent).position === 'number' ? (message as FeedMessage) : null
  } catch {
    return null
  }
}
