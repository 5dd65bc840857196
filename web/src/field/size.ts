// SPDX-License-Identifier: Apache-2.0
import { ref } from 'vue'

const kept = 'jiedao.size'

/** Large letters and large targets, kept on this phone. */
export const large = ref(localStorage.getItem(kept) === 'large')

export function applySize(): void {
  document.documentElement.dataset['size'] = large.value ? 'phone-large' : 'phone'
}

export function setLarge(on: boolean): void {
  large.value = on
  localStorage.setItem(kept, on ? 'large' : 'normal')
  applySize()
}
