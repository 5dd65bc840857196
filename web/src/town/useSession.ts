// SPDX-License-Identifier: Apache-2.0
import { onScopeDispose, ref, shallowRef } from 'vue'
import { asFailure, Refusal, signedOut } from '@/api/client'
import { sayFailure } from '@/i18n'
import { getConfig, getDemoSeats, getSession, signIn, signOut, takeDemoSeat, type Config, type DemoSeat, type Session } from './api'

const retry_ms = 3000

/** Who sits here. `waiting` until the platform answers; `out` asks for a sign-in; `in` has a session. */
export function useSession() {
  const config = shallowRef<Config | null>(null)
  const session = shallowRef<Session | null>(null)
  const seats = shallowRef<readonly DemoSeat[]>([])
  const state = ref<'waiting' | 'out' | 'in'>('waiting')
  const trouble = ref('')
  let timer: ReturnType<typeof setTimeout> | undefined

  async function load(): Promise<void> {
    clearTimeout(timer)
    try {
      config.value = await getConfig()
      await enter()
      trouble.value = ''
    } catch (error) {
      trouble.value = sayFailure(asFailure(error))
      timer = setTimeout(() => void load(), retry_ms)
    }
  }

  async function enter(): Promise<void> {
    try {
      session.value = await getSession()
      state.value = 'in'
    } catch (error) {
      if (!(error instanceof Refusal) || ![401, 403].includes(error.status)) throw error
      await leave()
    }
  }

  async function leave(): Promise<void> {
    session.value = null
    state.value = 'out'
    if (config.value?.demo) seats.value = await getDemoSeats().catch(() => [])
  }

  async function take(seat: string): Promise<void> {
    await takeDemoSeat(seat)
    await enter()
  }

  async function enterAs(login: string, password: string): Promise<void> {
    await signIn(login, password)
    await enter()
  }

  async function out(): Promise<void> {
    await signOut().catch(() => null)
    await leave()
  }

  // Any answer "not signed in" while sitting here means that the session ended elsewhere.
  const onOut = () => state.value === 'in' && void leave()
  signedOut.addEventListener('signed-out', onOut)
  onScopeDispose(() => {
    clearTimeout(timer)
    signedOut.removeEventListener('signed-out', onOut)
  })
  void load()
  return { config, session, seats, state, trouble, take, enterAs, out, leave }
}
