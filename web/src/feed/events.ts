// SPDX-License-Identifier: Apache-2.0
import type { Beat, Event, Hello, Processes, ProcessState, Resync, SessionEnded } from '@/api/generated'

/** One sealed record as the feed tells it; `position` is gapless on the server and only grows. */
export type FeedEvent = Event
export type { ProcessState }
export type FeedControl = Hello | Beat | Processes | Resync | SessionEnded

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
