// SPDX-License-Identifier: Apache-2.0
import { computed, ref, watch, type Ref } from 'vue'
import { spanOf, step_s, stepped, type Clip } from './clip'

/** Where the picture stands: live, or at a moment of the kept minute. */
export function useScrub(clip: Ref<Clip | null>, camera: Ref<string | undefined>) {
  const at_ms = ref<number | null>(null)
  const playing = ref(false)
  const length_s = ref<number | null>(null)
  const span = computed(() => (clip.value ? spanOf(clip.value, length_s.value) : null))

  /** To a moment of the clip; what lies outside is its nearest end. */
  function seek(to_ms: number): void {
    if (!span.value) return
    if (at_ms.value === null) playing.value = true
    at_ms.value = Math.min(span.value.to_ms, Math.max(span.value.from_ms, to_ms))
  }

  function step(by: 1 | -1): void {
    // Forward from live there is nothing.
    if (!clip.value || !span.value || (at_ms.value === null && by > 0)) return
    seek(stepped(at_ms.value, by * step_s, span.value, clip.value.alarm_ms))
  }

  function toLive(): void {
    at_ms.value = null
    playing.value = false
  }

  watch([() => clip.value?.alarm_ms, camera], () => {
    toLive()
    length_s.value = null
  })
  return { at_ms, playing, length_s, seek, step, toLive }
}
