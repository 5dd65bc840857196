// SPDX-License-Identifier: Apache-2.0
import { computed, onScopeDispose, ref, shallowRef } from 'vue'
import { asFailure } from '@/api/client'
import { sayFailure } from '@/i18n'
import { getConfig, getDemoSeats, type Config, type DemoSeat } from '@/town/api'
import { addressOf, askForDrill, chairs, sitDown, type Chair, type DrillKind } from './api'

const retry_ms = 2000

/** What stands behind the door, and the two things a visitor can do here: sit down, and rehearse. */
export function useDoorway() {
  const config = shallowRef<Config | null>(null)
  const seats = shallowRef<readonly DemoSeat[]>([])
  const trouble = ref('')
  const told = ref('')
  let timer: ReturnType<typeof setTimeout> | undefined

  async function load(): Promise<void> {
    try {
      config.value = await getConfig()
      seats.value = config.value.demo ? await getDemoSeats() : []
      trouble.value = ''
    } catch (error) {
      trouble.value = sayFailure(asFailure(error))
      timer = setTimeout(() => void load(), retry_ms)
    }
  }

  const free = computed(() => chairs.filter(({ seat }) => seats.value.some((one) => one.seat === seat)))
  const nameAt = (chair: Chair) => seats.value.find((one) => one.seat === chair.seat)?.name ?? ''

  /** The window is opened at once, within the press, so that no browser takes it for a pop-up. */
  async function sit(chair: Chair): Promise<void> {
    const window_ = window.open('', `jiedao-${chair.chair}`)
    try {
      await sitDown(chair)
      const address = addressOf(chair)
      if (window_ === null) window.location.assign(address)
      else window_.location.assign(address)
      trouble.value = ''
    } catch (error) {
      window_?.close()
      trouble.value = sayFailure(asFailure(error))
    }
  }

  async function drill(kind: DrillKind, words: string): Promise<void> {
    await sit(chairs[0]!)
    try {
      await askForDrill(kind)
      told.value = words
    } catch (error) {
      trouble.value = sayFailure(asFailure(error))
    }
  }

  onScopeDispose(() => clearTimeout(timer))
  void load()
  return { config, free, nameAt, trouble, told, sit, drill, load }
}
