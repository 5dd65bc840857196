// SPDX-License-Identifier: Apache-2.0
import { computed, onScopeDispose, watch } from 'vue'
import type { FeedEvent } from '@/feed/events'
import { useFeed } from '@/feed/useFeed'
import { useOnLine } from '@/shared/useOnLine'
import { getToday, type Today } from './api'
import { keepDay, keptDay } from './keptDay'
import { useOutbox } from './outbox/useOutbox'
import { chainOf, checkInPath, checkOutPath, pathOf, shiftChain, shown, type Answer, type Shown, type ShownTask } from './shown'
import { fixNow, useFixes } from './useFixes'
import type { Draft } from './outbox/store'

const gather_ms = 150
const look_ms = 30_000
const nothing: Shown = { offered: [], active: [], done: [], checked_in_at: null }

export type Spot = { lon: number; lat: number }

/** All that the phone knows of its worker's day, and what the worker does to it. */
export function useDuty(owner: string) {
  let timer: ReturnType<typeof setTimeout> | undefined
  const kept = keptDay(owner)

  const feed = useFeed<Today>({
    snapshot: async () => {
      const day = await getToday()
      keepDay(day)
      return day
    },
    // The day is small: an event says that it changed, and it is read anew.
    apply: (today, event) => (event.position <= today.position ? today : { ...today, position: event.position, at: event.at }),
    onEvents: heard,
  })
  const outbox = useOutbox(owner, { sent: async () => feed.resync() })
  /** The day as the platform says it; until it answers, as it said it last. */
  const known = computed(() => feed.state.value ?? kept)
  const day = computed(() => (known.value ? shown(known.value, outbox.entries.value) : nothing))
  const onDuty = computed(() => day.value.checked_in_at !== null)
  const fixes = useFixes(onDuty)
  const onLine = useOnLine()
  const online = computed(() => onLine.value && feed.health.value === 'live')

  function heard(events: readonly FeedEvent[]): void {
    if (!events.some((event) => /^(task|matter|shift)\./.test(event.verb))) return
    timer ??= setTimeout(() => {
      timer = undefined
      void feed.resync()
    }, gather_ms)
  }

  const now = () => new Date().toISOString()
  const spot = () => (fixes.fix.value ? { lon: fixes.fix.value.lon, lat: fixes.fix.value.lat } : {})

  async function checkIn(): Promise<void> {
    const fix = await fixNow(3000)
    await outbox.add({ chain: shiftChain, path: checkInPath, body: fix ? { lon: fix.lon, lat: fix.lat } : {} })
  }

  const checkOut = () => outbox.add({ chain: shiftChain, path: checkOutPath, body: {} })

  const answer = (task: ShownTask, what: Answer, note?: string) =>
    outbox.add({ chain: chainOf(task.id), path: pathOf(task.id, what), body: { at: now(), ...spot(), ...(note ? { note } : {}) } })

  const report = (task: ShownTask, draft: Draft, note: string) =>
    outbox.add({
      chain: chainOf(task.id), path: pathOf(task.id, 'report'), draft: draft.key, photos: [...draft.photos],
      body: { at: now(), ...spot(), ...(note ? { note } : {}) },
    })

  const raise = (draft: Draft, note: string, at: Spot | null, solved: boolean) =>
    outbox.add({
      chain: `raise:${now()}`, path: '/matters', draft: draft.key, photos: [...draft.photos],
      body: { item: draft.item, ...(at ? { lon: at.lon, lat: at.lat } : {}), ...(note ? { note } : {}), ...(solved ? { solved } : {}) },
    })

  // An offer that nobody answers ends without this phone doing anything: look now and then.
  const look = setInterval(() => document.hidden || void feed.resync(), look_ms)
  watch(online, (live) => live && void outbox.flush())
  onScopeDispose(() => {
    clearInterval(look)
    clearTimeout(timer)
  })
  return { feed, outbox, known, day, onDuty, online, fixes, checkIn, checkOut, answer, report, raise }
}

export type Duty = ReturnType<typeof useDuty>
