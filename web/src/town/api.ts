// SPDX-License-Identifier: Apache-2.0
import { call, get } from '@/api/client'

/** WGS-84; a town that is not set up yet has no name and stands in the middle of the country. */
export type Town = { name: string; code: string; lon: number; lat: number; facts?: Record<string, unknown> }

export type Config = {
  town: Town
  demo: boolean
  stream_url: string
  version: string
  drill: boolean
}

export type Session = {
  account: string
  party: { id: string; name: string; unit: string }
  roles: string[]
  demo: boolean
}

export type DemoSeat = { seat: string; name: string; post: string; screen: 'desk' | 'm' }

const noTown: Town = { name: '', code: '', lon: 105, lat: 35 }

export async function getConfig(): Promise<Config> {
  const config = await get<Omit<Config, 'town'> & { town: Town | null }>('/config')
  return { ...config, town: config.town ?? noTown }
}
export const getSession = () => get<Session>('/session')
export const signIn = (login: string, password: string) => call<Session>('POST', '/session', { login, password })
export const signOut = () => call<null>('DELETE', '/session')
export const getDemoSeats = () => get<DemoSeat[]>('/demo/seats')
export const takeDemoSeat = (seat: string) => call<Session>('POST', `/demo/seats/${encodeURIComponent(seat)}`)
