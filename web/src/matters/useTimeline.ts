// SPDX-License-Identifier: Apache-2.0
import { computed, ref, shallowRef, watch } from 'vue'
import { asFailure, type Failure } from '@/api/client'
import { getEarlier, type MatterDetail, type TimelineRow } from './api'

/** Where a page begins in the trail; null while none of it is sealed. */
const begin = (rows: readonly TimelineRow[]) => rows.find((row) => row.position !== null)?.position ?? null

/** What is known, followed by the newest page; the page alone, if something between is not known. */
export function joined(known: readonly TimelineRow[], newest: readonly TimelineRow[]): readonly TimelineRow[] {
  const from = begin(newest)
  if (from === null || !known.some((row) => row.position === from)) return newest
  return [...known.filter((row) => row.position !== null && row.position < from), ...newest]
}

/** A matter's timeline, oldest first: the newest page as it comes, earlier ones when asked for. */
export function useTimeline(detail: () => MatterDetail) {
  const rows = shallowRef<readonly TimelineRow[]>([])
  const failure = shallowRef<Failure | null>(null)
  const loading = ref(false)
  const has_earlier = computed(() => begin(rows.value) !== null && rows.value.length < detail().trace.records)

  async function more(): Promise<void> {
    const [matter, before] = [detail().card.id, begin(rows.value)]
    if (before === null || loading.value) return
    loading.value = true
    try {
      const earlier = await getEarlier(matter, before)
      if (detail().card.id === matter && begin(rows.value) === before) rows.value = [...earlier, ...rows.value]
      failure.value = null
    } catch (error) {
      failure.value = asFailure(error)
    } finally {
      loading.value = false
    }
  }

  watch(
    detail,
    (next, last) => {
      rows.value = joined(next.card.id === last?.card.id ? rows.value : [], next.timeline)
    },
    { immediate: true },
  )
  return { rows, failure, loading, has_earlier, more }
}
