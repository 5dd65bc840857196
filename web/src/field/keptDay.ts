// SPDX-License-Identifier: Apache-2.0
import type { Today } from './api'

const key = 'jiedao.phone.day'

/** One's own day as the platform last told it, kept on this phone for when there is no network. */
export function keptDay(owner: string): Today | null {
  try {
    const day = JSON.parse(localStorage.getItem(key) ?? 'null') as Today | null
    return day?.me.id === owner ? day : null
  } catch {
    return null
  }
}

/** No room is no reason to stop: the day is then only shown while there is a network. */
export function keepDay(day: Today): void {
  try {
    localStorage.setItem(key, JSON.stringify(day))
  } catch {
    forgetDay()
  }
}

export const forgetDay = (): void => localStorage.removeItem(key)
