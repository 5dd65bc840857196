// SPDX-License-Identifier: Apache-2.0
import { computed, type Ref } from 'vue'
import type { ProcessState } from '@/feed/events'
import { useClock } from '@/shared/useClock'

// A process that starts, or misses one beat on a busy machine, is no news for the duty desk.
const patience_ms = 6000

/** Processes that have not been ready for a while. */
export function useTroubledProcesses(processes: Ref<readonly ProcessState[]>) {
  const now_ms = useClock()
  const since = new Map<string, number>()
  return computed(() =>
    processes.value.filter((one) => {
      if (one.state === 'ready') {
        since.delete(one.name)
        return false
      }
      const began = since.get(one.name) ?? now_ms.value
      since.set(one.name, began)
      return now_ms.value - began > patience_ms
    }),
  )
}
