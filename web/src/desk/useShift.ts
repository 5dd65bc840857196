// SPDX-License-Identifier: Apache-2.0
import { ref } from 'vue'
import { seat } from '@/api/seat'

/** A shift begins with one press in this window; a reload stays in the same shift. */
export function useShift(account: string) {
  const key = `jiedao.shift.${seat()}.${account}`
  const started = ref(sessionStorage.getItem(key) !== null)

  function start(): void {
    sessionStorage.setItem(key, new Date().toISOString())
    started.value = true
  }

  return { started, start }
}
