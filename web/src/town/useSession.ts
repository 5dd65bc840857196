// SPDX-License-Identifier: Apache-2.0
import { onScopeDispose, ref, shallowRef } from 'vue'
import { asFailure, NoAnswer, Refusal, signedOut } from '@/api/client'
import { sayFailure } from '@/i18n'
import { getConfig, getDemoSeats, getSession, signIn, signOut, takeDemoSeat, type Config, type DemoSeat, type Session } from './api'

const retry_ms = 3000

type Seated = { config: Config; session: Session }

function remembered(key: string): Seated | null {
  try {
    return JSON.parse(localStorage.getItem(key) ?? 'null') as Seated | null
  } catch {
    return null
  }
}

/**
 * Who sits here. `waiting` until the platform answers; `out` asks for a sign-in; `in` has a session.
 *
 * With `remember`, the name under which this browser keeps who sits here, the page opens without a
 * network too; whether the session still holds, the platform says once it answers.
 */
export function useSession(remember?: string) {
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
      if (error instanceof NoAnswer && state.value === 'waiting') sitAgain()
      trouble.value = sayFailure(asFailure(error))
      timer = setTimeout(() => void load(), retry_ms)
    }
  }

  function sitAgain(): void {
    const seated = remember === undefined ? null : remembered(remember)
    if (!seated) return
    config.value = seated.config
    session.value = seated.session
    state.value = 'in'
  }

  async function enter(): Promise<void> {
    try {
      session.value = await getSession()
      if (remember !== undefined) localStorage.setItem(remember, JSON.stringify({ config: config.value, session: session.value }))
      state.value = 'in'
    } catch (error) {
      if (!(error instanceof Refusal) || ![401, 403].includes(error.status)) throw error
      await leave()
    }
  }

  async function leave(): Promise<void> {
    session.value = null
    if (remember !== undefined) localStorage.removeItem(remember)
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
