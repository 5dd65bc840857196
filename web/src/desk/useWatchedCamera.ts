// SPDX-License-Identifier: Apache-2.0
import { computed, type ShallowRef } from 'vue'
import type { Camera } from '@/cameras/api'
import type LiveView from '@/cameras/LiveView.vue'
import { useNeighbours } from '@/cameras/useNeighbours'
import { useKeepPicture } from '@/matters/useKeepPicture'
import { clipOf } from '@/video/clip'
import type { useDesk } from './useDesk'
import { useInStep } from './useInStep'
import type { KeyMap } from './useKeys'

/** The camera that is watched, in step with the other windows of this desk, and its keys. */
export function useWatchedCamera(desk: ReturnType<typeof useDesk>, live: Readonly<ShallowRef<InstanceType<typeof LiveView> | null>>, leads: boolean) {
  const { camera, near, neighbours, picked_id, watchCamera, nextCamera } = useNeighbours(desk.matter.detail, desk.cameras)
  const clip = computed(() => clipOf(desk.matter.detail.value))
  const { pending, keep, mayKeep } = useKeepPicture(() => desk.matter.detail.value, desk.matter.take)

  const byId = (id: string | null): Camera | null => desk.cameras.value.find((one) => one.id === id) ?? null
  useInStep(leads, desk.chosen, picked_id, { matter: desk.choose, camera: (id) => watchCamera(byId(id)) })

  async function keepPicture(): Promise<void> {
    if (live.value) await keep(await live.value.picture())
  }

  const keys: KeyMap = {
    V: nextCamera,
    L: () => live.value?.live(),
    P: () => void keepPicture(),
    ArrowLeft: () => live.value?.step(-1),
    ArrowRight: () => live.value?.step(1),
  }
  const view = computed(() => ({
    camera: camera.value,
    neighbours: neighbours.value,
    matter: desk.matter.detail.value?.card.id ?? null,
    clip: clip.value,
    busy: pending.has('picture'),
    mayKeep: mayKeep(),
  }))
  return { camera, near, view, keys, watchCamera, nextCamera, keepPicture, watchById: (id: string) => watchCamera(byId(id)) }
}
