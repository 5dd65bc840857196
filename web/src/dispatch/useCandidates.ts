// SPDX-License-Identifier: Apache-2.0
import { ref, shallowRef, watch, type Ref } from 'vue'
import { asFailure } from '@/api/client'
import { sayFailure } from '@/i18n'
import { getCandidates, type Candidate } from './api'

/** Who could go, asked again when the matter moves on. */
export function useCandidates(matter: Ref<string | null>, version: Ref<number>) {
  const candidates = shallowRef<readonly Candidate[] | null>(null)
  const failed = ref<string | null>(null)

  async function load(): Promise<void> {
    const asked = matter.value
    if (asked === null) return
    try {
      const found = await getCandidates(asked)
      if (asked !== matter.value) return
      candidates.value = found
      failed.value = null
    } catch (error) {
      if (asked === matter.value) failed.value = sayFailure(asFailure(error))
    }
  }

  watch(matter, () => {
    candidates.value = null
    failed.value = null
  })
  watch([matter, version], () => void load(), { immediate: true })
  return { candidates, failed, load }
}
