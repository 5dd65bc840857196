// SPDX-License-Identifier: Apache-2.0
import { computed, onScopeDispose, ref } from 'vue'

export const tabs = ['today', 'tasks', 'messages', 'me'] as const
export type Tab = (typeof tabs)[number]
export type Route = { page: Tab } | { page: 'raise' } | { page: 'task'; id: string }

export function routeOf(hash: string): Route {
  const [page, id] = hash.replace(/^#/, '').split('/')
  if (page === 'task' && id) return { page, id }
  if (page === 'raise') return { page }
  return { page: tabs.find((tab) => tab === page) ?? 'today' }
}

/** Where the worker is; the phone's own back button goes back, and a reload stays. */
export function useRoute() {
  const hash = ref(window.location.hash)
  const read = () => (hash.value = window.location.hash)
  window.addEventListener('hashchange', read)
  onScopeDispose(() => window.removeEventListener('hashchange', read))

  function go(to: string, replace = false): void {
    if (replace) {
      window.location.replace(`#${to}`)
      return
    }
    window.location.hash = to
  }
  return { route: computed(() => routeOf(hash.value)), go }
}
