// SPDX-License-Identifier: Apache-2.0
import { call, get } from '@/api/client'
import type { ConfigOut, SeatOut, SessionOut, TownOut } from '@/api/generated'

/** WGS-84; a town that is not set up yet has no name and stands in the middle of the country. */
export type Town = TownOut
export type Config = Omit<ConfigOut, 'town'> & { town: Town }
export type Session = SessionOut
export type DemoSeat = SeatOut

const noTown: Town = { name: '', code: '', lon: 105, lat: 35, facts: {} }

export async function getConfig(): Promise<Config> {
  const config = await get<ConfigOut>('/config')
  return { ...config, town: config.town ?? noTown }
}
export const getSession = () => get<Session>('/session')
export const signIn = (login: string, password: string) => call<Session>('POST', '/session', { login, password })
export const signOut = () => call<null>('DELETE', '/session')
export const getDemoSeats = () => get<DemoSeat[]>('/demo/seats')
export const takeDemoSeat = (seat: string) => call<Session>('POST', `/demo/seats/${encodeURIComponent(seat)}`)
