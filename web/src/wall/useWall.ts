// SPDX-License-Identifier: Apache-2.0
import { computed, onScopeDispose, shallowRef, watch } from 'vue'
import { getCameras, type Camera } from '@/cameras/api'
import { applyEvent, fromSnapshot, type DeskState } from '@/feed/desk'
import type { FeedEvent } from '@/feed/events'
import { useFeed } from '@/feed/useFeed'
import { getSnapshot } from '@/matters/api'
import { isOpen } from '@/matters/queue'
import { useMatter } from '@/matters/useMatter'
import { useClock } from '@/shared/useClock'
import { getFigures, setWall, type Figures, type WallMode } from './api'
import { pageAt, spotlightOf } from './pages'

const figures_ms = 15_000
const recount_ms = 1500
// Records of these change a figure.
const counted = /^(matter|task|shift|camera|loudspeaker)\./

/** All that the wall knows. It follows the feed as the desk does, and changes nothing but its own face. */
export function useWall() {
  const now_ms = useClock()
  let recount: ReturnType<typeof setTimeout> | undefined
  const figures = shallowRef<Figures | null>(null)
  const mode = shallowRef<WallMode>({ page: '', visitors: false })
  const cameras = shallowRef<readonly Camera[]>([])
  const feed = useFeed<DeskState>({ snapshot: async () => fromSnapshot(await getSnapshot()), apply: applyEvent, onEvents: heard })
  const cards = computed(() => [...(feed.state.value?.cards.values() ?? [])])
  const open = computed(() => cards.value.filter(isOpen))
  const spotlight = computed(() => spotlightOf(cards.value))
  const matter = useMatter(computed(() => spotlight.value?.id ?? null))
  const streams = computed(() => cameras.value.filter((camera) => camera.has_stream))
  const page = computed(() => pageAt(now_ms.value / 1000, mode.value, open.value, streams.value.length))

  function heard(events: readonly FeedEvent[]): void {
    matter.heard(events)
    const set = events.findLast((event) => event.verb === 'wall.set')
    if (set) mode.value = set.payload as WallMode
    if (events.some((event) => counted.test(event.verb))) recount ??= setTimeout(() => void load(), recount_ms)
  }

  async function load(): Promise<void> {
    recount = undefined
    if (document.hidden) return
    const [next, seen] = await Promise.all([getFigures().catch(() => null), getCameras().catch(() => null)])
    if (next) {
      figures.value = next
      mode.value = next.mode
    }
    if (seen) cameras.value = seen
    void feed.resync()
  }

  /** One key, because visitors do not announce themselves. */
  async function toggleVisitors(): Promise<void> {
    mode.value = await setWall({ ...mode.value, visitors: !mode.value.visitors }).catch(() => mode.value)
  }

  const timer = setInterval(() => void load(), figures_ms)
  watch(feed.health, (health) => health === 'live' && void load(), { immediate: true })
  onScopeDispose(() => {
    clearInterval(timer)
    clearTimeout(recount)
  })
  return { now_ms, feed, figures, mode, cameras, streams, cards, open, spotlight, matter, page, toggleVisitors }
}
