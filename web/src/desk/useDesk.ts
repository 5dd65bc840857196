// SPDX-License-Identifier: Apache-2.0
import { computed, onScopeDispose, ref, shallowRef, watch } from 'vue'
import { getCameras, type Camera } from '@/cameras/api'
import { applyEvent, fromSnapshot, type DeskState } from '@/feed/desk'
import type { FeedEvent, ProcessState } from '@/feed/events'
import { useFeed } from '@/feed/useFeed'
import { getSnapshot } from '@/matters/api'
import { awaitsPerson, isOpen, queueOf, tabOf, type Filters, type Order, type Tab } from '@/matters/queue'
import { isFlood } from '@/matters/pressure'
import { useMatter } from '@/matters/useMatter'
import { useClock } from '@/shared/useClock'

const recount_ms = 1500
const people_ms = 10_000
const idle_ms = 20_000
// Records of these subjects change the counts of the top bar, which only a snapshot holds.
const counted = /^(camera|loudspeaker|shift|device|task)\./

/** All that the desk knows and has chosen; components only show it. */
export function useDesk(options: { firstTab: Tab; leads: boolean }) {
  const chosen = ref<string | null>(null)
  const tab = ref<Tab>(options.firstTab)
  const filters = ref<Filters>({})
  const order = ref<Order>('severity')
  const processes = shallowRef<readonly ProcessState[]>([])
  const cameras = shallowRef<readonly Camera[]>([])
  const matter = useMatter(chosen)
  let recount: ReturnType<typeof setTimeout> | undefined
  let touched_ms = Date.now()

  const feed = useFeed<DeskState>({
    snapshot: async () => fromSnapshot(await getSnapshot()),
    apply: applyEvent,
    onEvents: heard,
    onProcesses: (next) => (processes.value = next),
  })
  const cards = computed(() => [...(feed.state.value?.cards.values() ?? [])])
  const open = computed(() => cards.value.filter(isOpen))
  const now_ms = useClock()
  const flood = computed(() => isFlood(cards.value, now_ms.value))
  const shown = computed(() => queueOf(cards.value, filters.value, order.value))

  function heard(events: readonly FeedEvent[]): void {
    matter.heard(events)
    if (!events.some((event) => counted.test(event.verb))) return
    recount ??= setTimeout(() => {
      recount = undefined
      void feed.resync()
    }, recount_ms)
  }

  function choose(id: string | null): void {
    chosen.value = id
    const card = id === null ? undefined : feed.state.value?.cards.get(id)
    if (card && !(tab.value === 'intake' && isOpen(card))) tab.value = tabOf(card)
  }

  /** The rows as they stand on the screen, top to bottom. */
  const rows = computed(() => (tab.value === 'intake' ? [...shown.value.intake, ...shown.value.handling, ...shown.value.verifying] : shown.value[tab.value]))

  /** What waits for another pair of eyes, as the filters and the order have it. */
  const verifying = computed(() => shown.value.verifying)

  function step(by: 1 | -1): void {
    const at = rows.value.findIndex((card) => card.id === chosen.value)
    const next = rows.value[at < 0 ? 0 : Math.min(rows.value.length - 1, Math.max(0, at + by))]
    if (next) choose(next.id)
  }

  const idle = () => Date.now() - touched_ms > idle_ms
  const touch = () => (touched_ms = Date.now())

  // A new level 1 opens itself when the operator has been idle for 20 s; it never takes the focus.
  // With nothing chosen, or only finished work, the first open matter is shown. A second window
  // follows the desk instead.
  watch(
    () => rows.value.filter(awaitsPerson).map((card) => card.id).join(),
    (_now, before) => {
      const fresh = rows.value.find((card) => card.severity === 1 && awaitsPerson(card) && !(before ?? '').includes(card.id))
      const mine = chosen.value === null ? null : feed.state.value?.cards.get(chosen.value)
      if (!options.leads) return
      if (fresh && (chosen.value === null || idle())) return choose(fresh.id)
      if (rows.value[0] && (!mine || (!isOpen(mine) && idle()))) choose(rows.value[0].id)
    },
  )
  watch(() => rows.value[0]?.id, (first) => first && chosen.value === null && choose(first))

  async function loadCameras(): Promise<void> {
    cameras.value = await getCameras().catch(() => cameras.value)
  }

  const people = setInterval(() => {
    if (document.hidden) return
    void feed.resync()
    void loadCameras()
  }, people_ms)
  watch(feed.health, (health) => health === 'live' && void loadCameras())
  window.addEventListener('pointerdown', touch)
  window.addEventListener('keydown', touch)
  onScopeDispose(() => {
    clearInterval(people)
    clearTimeout(recount)
    window.removeEventListener('pointerdown', touch)
    window.removeEventListener('keydown', touch)
  })
  return { feed, cards, open, flood, rows, verifying, chosen, tab, filters, order, processes, cameras, matter, choose, step }
}
