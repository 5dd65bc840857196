// SPDX-License-Identifier: Apache-2.0
import { call, fileAddress, get } from '@/api/client'
import type { Ticket } from '@/api/tickets'
import purposes from './purposes.json'

type Points = [number, number][]

/** What a camera watches; points in picture units 0..1, x right, y down. */
export type ZonePlan = { zones?: { name: string; polygon: Points }[]; lines?: { name: string; points: Points }[] }

export type CameraState = 'live' | 'stale' | 'offline' | 'idle' | 'unknown' | (string & {})

export type Camera = {
  id: string
  code: string
  name: string
  kind: string
  lon: number | null
  lat: number | null
  armed: boolean
  registered_only: boolean
  /** It has an address that pictures can be pulled from. */
  has_stream: boolean
  purpose: string
  zones: ZonePlan
  state: CameraState
  why: string
  since: string | null
}

/** Why a camera is opened; the platform keeps it in the record. */
export type Purpose = keyof typeof purposes

export const getCameras = () => get<Camera[]>('/cameras')

export function openCamera(id: string, purpose: Purpose, matter: string | null): Promise<Ticket> {
  return call<Ticket>('POST', `/cameras/${id}/open`, { purpose: purposes[purpose], matter })
}

/** The newest still; `tick` makes the address new so that the browser asks again. */
export const stillAddress = (id: string, tick: number) => fileAddress(`/cameras/${id}/still`, { t: String(tick) })
