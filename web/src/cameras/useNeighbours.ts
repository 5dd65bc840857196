// SPDX-License-Identifier: Apache-2.0
import { computed, shallowRef, watch, type Ref } from 'vue'
import { distance_m, spotOf } from '@/shared/distance'
import type { MatterDetail } from '@/matters/api'
import type { Camera } from './api'

const tiles = 3

/** Which camera is shown large, and which ones stand beside it: the nearest to the matter. */
export function useNeighbours(detail: Ref<MatterDetail | null>, cameras: Ref<readonly Camera[]>) {
  const picked = shallowRef<Camera | null>(null)
  watch(() => detail.value?.card.id, () => (picked.value = null))

  const camera = computed<Camera | null>(() => picked.value ?? detail.value?.camera ?? near.value[0] ?? null)

  const near = computed(() => {
    const here = spotOf(detail.value?.card.place)
    const open = cameras.value.filter((one) => !one.registered_only)
    if (!here) return open.slice(0, tiles + 1)
    const far = (one: Camera) => {
      const at = spotOf(one)
      return at ? distance_m(here, at) : Infinity
    }
    return [...open].sort((a, b) => Number(b.state === 'live') - Number(a.state === 'live') || far(a) - far(b)).slice(0, tiles + 1)
  })

  // Those that somebody pulls come first; one that nobody pulls has no picture and opens on a press.
  const neighbours = computed(() => near.value.filter((one) => one.id !== camera.value?.id).slice(0, tiles))

  function watchCamera(next: Camera | null): void {
    picked.value = next
  }

  function nextCamera(): void {
    const next = neighbours.value[0]
    const at = near.value.findIndex((one) => one.id === camera.value?.id)
    watchCamera(near.value[(at + 1) % Math.max(1, near.value.length)] ?? next ?? null)
  }

  const picked_id = computed(() => picked.value?.id ?? null)
  return { camera, near, neighbours, picked_id, watchCamera, nextCamera }
}
