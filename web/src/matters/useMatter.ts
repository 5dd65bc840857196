// SPDX-License-Identifier: Apache-2.0
import { onScopeDispose, ref, shallowRef, watch, type Ref } from 'vue'
import { asFailure, type Failure } from '@/api/client'
import type { FeedEvent } from '@/feed/events'
import { serverNow_ms } from '@/shared/useClock'
import { getMatter, type MatterDetail } from './api'

const settle_ms = 80

/** The chosen matter, read again whenever the feed says that something happened in it. */
export function useMatter(id: Ref<string | null>) {
  const detail = shallowRef<MatterDetail | null>(null)
  const failure = shallowRef<Failure | null>(null)
  /** When reading it began to fail, in ms; null while it works. */
  const failed_ms = ref<number | null>(null)
  const loading = ref(false)
  let timer: ReturnType<typeof setTimeout> | undefined

  /** An answer may be overtaken by a newer one; the older is dropped. */
  function take(next: MatterDetail): void {
    if (next.card.id !== id.value) return
    const mine = detail.value
    if (mine && mine.card.id === next.card.id && mine.card.version > next.card.version) return
    detail.value = next
    failure.value = null
    failed_ms.value = null
  }

  async function refresh(): Promise<void> {
    const asked = id.value
    if (asked === null) return
    loading.value = detail.value === null
    try {
      take(await getMatter(asked))
    } catch (error) {
      if (asked !== id.value) return
      failure.value = asFailure(error)
      failed_ms.value ??= serverNow_ms()
    } finally {
      if (asked === id.value) loading.value = false
    }
  }

  function heard(events: readonly FeedEvent[]): void {
    if (!events.some((event) => event.matter !== null && event.matter === id.value)) return
    clearTimeout(timer)
    timer = setTimeout(() => void refresh(), settle_ms)
  }

  watch(
    id,
    () => {
      detail.value = null
      failure.value = null
      failed_ms.value = null
      void refresh()
    },
    { immediate: true },
  )
  onScopeDispose(() => clearTimeout(timer))
  return { detail, failure, failed_ms, loading, refresh, take, heard }
}
