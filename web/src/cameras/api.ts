// SPDX-License-Identifier: Apache-2.0
import { call, fileAddress, get } from '@/api/client'
import type { Ticket } from '@/api/tickets'

/** What a camera watches; points in picture units 0..1, x right, y down. */
export type PictureZone = { name: string; polygon?: [number, number][]; line?: [number, number][] }

export type CameraHere = { id: string; name: string; zones: PictureZone[] }

export type Camera = {
  id: string
  name: string
  lon: number | null
  lat: number | null
  state: string
  since?: string | null
  place?: string | null
  armed?: boolean
}

export const getCameras = () => get<Camera[]>('/cameras')
export const openCamera = (id: string, purpose: string) => call<Ticket>('POST', `/cameras/${id}/open`, { purpose })

/** The newest still; `tick` makes the address new so that the browser asks again. */
export const stillAddress = (id: string, tick: number) => fileAddress(`/cameras/${id}/still`, { t: String(tick) })
