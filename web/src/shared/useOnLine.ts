// SPDX-License-Identifier: Apache-2.0
import { onScopeDispose, ref } from 'vue'

/** Whether this device has any network at all; true says nothing of the platform. */
export function useOnLine() {
  const onLine = ref(navigator.onLine)
  const look = () => (onLine.value = navigator.onLine)
  window.addEventListener('online', look)
  window.addEventListener('offline', look)
  onScopeDispose(() => {
    window.removeEventListener('online', look)
    window.removeEventListener('offline', look)
  })
  return onLine
}
