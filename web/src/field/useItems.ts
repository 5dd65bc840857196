// SPDX-License-Identifier: Apache-2.0
import { shallowRef } from 'vue'
import { getItems, type Item } from './api'

const kept = 'jiedao.items'

function keptItems(): Item[] {
  try {
    return JSON.parse(localStorage.getItem(kept) ?? '[]') as Item[]
  } catch {
    return []
  }
}

/** What can be reported; the last known list serves while there is no network. */
export function useItems() {
  const items = shallowRef<Item[]>(keptItems())
  void getItems().then(
    (found) => {
      items.value = found
      localStorage.setItem(kept, JSON.stringify(found))
    },
    () => null,
  )
  return items
}
