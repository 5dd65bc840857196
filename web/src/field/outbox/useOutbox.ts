// SPDX-License-Identifier: Apache-2.0
import { computed, onScopeDispose, ref, shallowRef } from 'vue'
import { call } from '@/api/client'
import { newId } from '@/api/ids'
import { inOrder, isUnsent, type Entry, type Photo } from './entry'
import { sendAll, type SenderWorld } from './sender'
import { openStore, type Store } from './store'
import { streamLine } from './upload'

const retries_ms = [2000, 4000, 8000, 15_000, 30_000]
const remembered_ms = 24 * 3600 * 1000

export type Act = { chain: string; path: string; body: Record<string, unknown>; photos?: Photo[]; draft?: string }

/** The acts of the person who sits here, on their way to the platform. */
export function useOutbox(owner: string, more: { store?: Store; world?: Partial<SenderWorld>; sent?: (entry: Entry) => Promise<void> } = {}) {
  const store = more.store ?? openStore()
  const entries = shallowRef<readonly Entry[]>([])
  const broken = ref(false)
  let busy = false
  let again = false
  let tries = 0
  let timer: ReturnType<typeof setTimeout> | undefined
  let gone = false

  function changed(entry: Entry): void {
    const others = entries.value.filter((one) => one.id !== entry.id)
    entries.value = inOrder([...others, entry])
  }

  const world: SenderWorld = {
    store,
    line: streamLine,
    // The screen is brought up to date before the act counts as sent, so that nothing jumps back.
    post: async (path, body) => {
      const answer = await call('POST', path, body)
      await more.sent?.(entries.value.find((one) => one.id === body['act_id'])!).catch(() => null)
      return answer
    },
    changed,
    ...more.world,
  }

  async function load(): Promise<void> {
    const limit = new Date(Date.now() - remembered_ms).toISOString()
    const found = await store.entries()
    for (const old of found.filter((entry) => !isUnsent(entry) && entry.made_at < limit)) await store.drop(old)
    // Whoever presses while the store is read has already been heard.
    const known = new Set(entries.value.map((entry) => entry.id))
    const mine = found.filter((entry) => entry.owner === owner && !known.has(entry.id) && (isUnsent(entry) || entry.made_at >= limit))
    entries.value = inOrder([...entries.value, ...mine.map((entry): Entry => (entry.state === 'sending' ? { ...entry, state: 'waiting' } : entry))])
    await flush()
  }

  /** Send what waits; safe to call at any time. One page of a browser sends at a time. */
  async function flush(): Promise<void> {
    clearTimeout(timer)
    if (busy) return void (again = true)
    busy = true
    try {
      do {
        again = false
        const all = await alone(() => sendAll(() => entries.value, world))
        if (!all && !again) {
          timer = setTimeout(() => void flush(), retries_ms[Math.min(tries, retries_ms.length - 1)])
          tries += 1
        } else tries = 0
      } while (again && !gone)
    } finally {
      busy = false
    }
  }

  /** Keep an act, then send it. It is safe on the phone once this resolves. */
  async function add(act: Act): Promise<void> {
    const entry: Entry = {
      id: newId(), owner, chain: act.chain, path: act.path, body: act.body, photos: act.photos ?? [],
      made_at: new Date().toISOString(), state: 'waiting', why: null,
    }
    try {
      await store.put(entry, act.draft)
    } catch (error) {
      broken.value = true // No room, or the browser keeps nothing: the act is still sent from memory.
      console.error('outbox', error)
    }
    changed(entry)
    tries = 0
    void flush()
  }

  async function retry(entry: Entry): Promise<void> {
    const next: Entry = { ...entry, state: 'waiting', why: null }
    changed(next)
    await store.put(next)
    tries = 0
    await flush()
  }

  /** Give up an act that the platform refused, and what waits behind it in its chain. */
  async function giveUp(entry: Entry): Promise<void> {
    const lost = entries.value.filter((one) => one.chain === entry.chain && isUnsent(one) && one.id >= entry.id)
    entries.value = entries.value.filter((one) => !lost.includes(one))
    for (const one of lost) await store.drop(one)
    void flush()
  }

  const wake = () => void (document.hidden || flush())
  window.addEventListener('online', wake)
  document.addEventListener('visibilitychange', wake)
  onScopeDispose(() => {
    gone = true
    clearTimeout(timer)
    window.removeEventListener('online', wake)
    document.removeEventListener('visibilitychange', wake)
  })
  void load().catch((error: unknown) => {
    broken.value = true
    console.error('outbox', error)
  })
  const unsent = computed(() => entries.value.filter(isUnsent))
  return { store, entries, unsent, broken, add, flush, retry, giveUp }
}

/** Browsers with locks let one page at a time send; without them a repeat does no harm. */
function alone<T>(work: () => Promise<T>): Promise<T> {
  if (!('locks' in navigator)) return work()
  return navigator.locks.request('jiedao.outbox', work) as Promise<T>
}
