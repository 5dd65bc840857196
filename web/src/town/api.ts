// SPDX-License-Identifier: Apache-2.0
import { call, get } from '@/api/client'

export type Config = {
  town: { name: string; code: string; lon: number; lat: number }
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

export const getConfig = () => get<Config>('/config')
export const getSession = () => get<Session>('/session')
export const signIn = (login: string, password: string) => call<Session>('POST', '/session', { login, password })
export const signOut = () => call<null>('DELETE', '/session')
export const getDemoSeats = () => get<DemoSeat[]>('/demo/seats')
export const takeDemoSeat = (seat: string) => call<Session>('POST', `/demo/seats/${encodeURIComponent(seat)}`)
