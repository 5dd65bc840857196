// SPDX-License-Identifier: Apache-2.0
import { onScopeDispose, ref, type Ref } from 'vue'

// How far the server's clock is ahead of this machine's, in ms. Ages are counted by the server's
// clock, so that a duty computer that is minutes off does not show alarms from the future.
let ahead_ms = 0

export function heardServerTime(at: string): void {
  const server_ms = Date.parse(at)
  if (Number.isFinite(server_ms)) ahead_ms = server_ms - Date.now()
}

export function serverNow_ms(): number {
  return Date.now() + ahead_ms
}

const now_ms = ref(serverNow_ms())
let watchers = 0
let timer: ReturnType<typeof setInterval> | undefined

/** The server's time, moving once a second; one timer serves every component. */
export function useClock(): Ref<number> {
  now_ms.value = serverNow_ms()
  watchers += 1
  timer ??= setInterval(() => (now_ms.value = serverNow_ms()), 1000)
  onScopeDispose(() => {
    watchers -= 1
    if (watchers === 0) {
      clearInterval(timer)
      timer = undefined
    }
  })
  return now_ms
}
