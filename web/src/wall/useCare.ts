// SPDX-License-Identifier: Apache-2.0
import { computed, watch, type ComputedRef, type Ref } from 'vue'
import type { Card } from '@/matters/api'
import { townTime } from '@/shared/time'

const shift_ms = 600_000
const shifts = [
  [0, 0],
  [2, 0],
  [2, 2],
  [0, 2],
] as const

/**
 * What a screen needs that never goes dark: the picture moves a little, dims at night, and the page
 * begins anew at 04:00. Neither dims nor reloads anything while somebody's life may hang on it.
 */
export function useCare(now_ms: Ref<number>, open: ComputedRef<readonly Card[]>) {
  const grave = computed(() => Math.min(5, ...open.value.map((card) => card.severity)))
  const hour = computed(() => townTime(now_ms.value).hour)
  const isNight = computed(() => (hour.value >= 22 || hour.value < 6) && grave.value > 1)
  const offset = computed(() => shifts[Math.floor(now_ms.value / shift_ms) % shifts.length]!)
  const style = computed(() => ({ translate: `${offset.value[0]}px ${offset.value[1]}px`, filter: isNight.value ? 'brightness(.75)' : '' }))
  watch(hour, (now, before) => now === 4 && before === 3 && grave.value > 2 && window.location.reload())
  return { style }
}
