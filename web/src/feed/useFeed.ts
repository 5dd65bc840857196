// SPDX-License-Identifier: Apache-2.0
import { onScopeDispose, ref, shallowRef, type Ref, type ShallowRef } from 'vue'
import { Refusal } from '@/api/client'
import { askTicket, socketAddress } from '@/api/tickets'
import { heardServerTime } from '@/shared/useClock'
import { isControl, parseMessage, type FeedControl, type FeedEvent, type ProcessState } from './events'

export type FeedHealth = 'connecting' | 'live' | 'stale' | 'ended'

/** The few things of a WebSocket that the feed needs; specs bring their own. */
export type FeedSocket = Pick<WebSocket, 'close'> & {
  onmessage: ((event: { data: string }) => void) | null
  onclose: (() => void) | null
}

export type FeedSource<S> = {
  snapshot: () => Promise<S>
  apply: (state: S, event: FeedEvent) => S
  connect?: (after: number | null) => Promise<FeedSocket>
  onEvents?: (events: readonly FeedEvent[]) => void
  onProcesses?: (processes: readonly ProcessState[]) => void
}

export type Feed<S> = {
  state: ShallowRef<S | null>
  health: Ref<FeedHealth>
  heard_at: Ref<string | null>
  /** Set when the server refuses the snapshot, as to a post that may not sit here. */
  refused: Ref<Refusal | null>
  resync: () => Promise<void>
}

// The server beats every 5 s; three missed beats and the screen says so.
const silence_ms = 15_000
const frame_ms = 16
const retries_ms = [500, 1000, 2000, 4000, 5000]

async function openSocket(after: number | null): Promise<FeedSocket> {
  const ticket = await askTicket('feed')
  const url = socketAddress(ticket, after === null ? {} : { after: String(after) })
  return new WebSocket(url) as unknown as FeedSocket
}

/**
 * Live data in the one shape used everywhere: buffer, fetch a snapshot, replay, then follow.
 *
 * On every connection, not only the first: what happened while we were away is in the snapshot,
 * and what outran the snapshot waits in `early`.
 */
export function useFeed<S extends { position: number; at: string }>(source: FeedSource<S>): Feed<S> {
  const state = shallowRef<S | null>(null) as ShallowRef<S | null>
  const health = ref<FeedHealth>('connecting')
  const heard_at = ref<string | null>(null)
  const refused = shallowRef<Refusal | null>(null)
  const connect = source.connect ?? openSocket
  let early: FeedEvent[] = []
  let arrived: FeedEvent[] = []
  let frame: ReturnType<typeof setTimeout> | undefined
  let watchdog: ReturnType<typeof setTimeout> | undefined
  let retry: ReturnType<typeof setTimeout> | undefined
  let socket: FeedSocket | null = null
  let tries = 0
  let disposed = false
  let aged = false

  async function resync(): Promise<void> {
    const mine: FeedEvent[] = (early = [])
    const snapshot = await source.snapshot().catch((error: unknown) => {
      refused.value = error instanceof Refusal ? error : null
      return null
    })
    if (disposed || mine !== early) return // Lost or overtaken meanwhile: stay stale.
    if (!snapshot) return void socket?.close()
    refused.value = null
    state.value = mine.reduce(source.apply, snapshot)
    heard_at.value = snapshot.at
    health.value = 'live'
    tries = 0
    heardServerTime(snapshot.at)
  }

  // Many events in one frame cost one render.
  function flush(): void {
    frame = undefined
    const batch = arrived
    arrived = []
    if (health.value === 'live' && state.value) state.value = batch.reduce(source.apply, state.value)
    source.onEvents?.(batch)
  }

  function heard(text: string): void {
    const message = parseMessage(text)
    if (!message) return
    watch()
    if (isControl(message)) return control(message)
    heard_at.value = message.at
    // Kept until the next snapshot in any case: one may be on its way.
    early.push(message)
    if (early.length > 5000 && health.value === 'live') early.splice(0, 2500)
    arrived.push(message)
    frame ??= setTimeout(flush, frame_ms)
  }

  function control(message: FeedControl): void {
    if (message.kind === 'session_ended') return end()
    if (message.kind === 'resync') return void resync()
    if (message.processes) source.onProcesses?.(message.processes)
    if (message.at === undefined) return
    heardServerTime(message.at)
    if (message.kind === 'beat') return beat(message.at, message.age_s ?? 0)
    heard_at.value = message.at
  }

  /** A line that beats is not enough: what it knows may be as old as the platform's last reading. */
  function beat(at: string, age_s: number): void {
    heard_at.value = new Date(Date.parse(at) - age_s * 1000).toISOString()
    const old = age_s * 1000 > silence_ms
    if (old && health.value === 'live') {
      health.value = 'stale'
      aged = true
    } else if (!old && aged) {
      aged = false
      void resync()
    }
  }

  function watch(): void {
    clearTimeout(watchdog)
    watchdog = setTimeout(() => socket?.close(), silence_ms)
  }

  function end(): void {
    health.value = 'ended'
    disposed = true
    socket?.close()
  }

  function lost(): void {
    clearTimeout(watchdog)
    socket = null
    if (disposed) return
    early = [] // A snapshot still under way belongs to the lost connection.
    health.value = state.value === null && tries === 0 ? 'connecting' : 'stale'
    retry = setTimeout(() => void start(), retries_ms[Math.min(tries, retries_ms.length - 1)])
    tries += 1
  }

  async function start(): Promise<void> {
    try {
      const opened = await connect(state.value?.position ?? null)
      if (disposed) return opened.close()
      socket = opened
      opened.onmessage = (event) => heard(event.data)
      opened.onclose = () => opened === socket && lost()
      watch()
      await resync()
    } catch {
      lost()
    }
  }

  void start()
  onScopeDispose(() => {
    disposed = true
    for (const timer of [frame, watchdog, retry]) clearTimeout(timer)
    socket?.close()
  })
  return { state, health, heard_at, refused, resync }
}
