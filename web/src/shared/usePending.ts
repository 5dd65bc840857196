// SPDX-License-Identifier: Apache-2.0
import { reactive } from 'vue'
import { asFailure } from '@/api/client'
import { sayFailure } from '@/i18n'
import { tell } from '@/ui/notices'

/**
 * Acts on their way. A second press of the same button waits for the first answer, and a failure
 * is told in the user's language; nothing on the screen changes before the server has confirmed.
 */
export function usePending() {
  const pending = reactive(new Set<string>())

  async function run<T>(name: string, work: () => Promise<T>): Promise<T | null> {
    if (pending.has(name)) return null
    pending.add(name)
    try {
      return await work()
    } catch (error) {
      tell(sayFailure(asFailure(error)), { kind: 'bad' })
      return null
    } finally {
      pending.delete(name)
    }
  }

  return { pending, run }
}
