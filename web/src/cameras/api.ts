// SPDX-License-Identifier: Apache-2.0
import { call, fileAddress, get } from '@/api/client'
import type { Camera, ZonePlan } from '@/api/generated'
import type { Ticket } from '@/api/tickets'
import purposes from './purposes.json'

export type { Camera, ZonePlan }
export type CameraState = Camera['state']

/** Why a camera is opened; the platform keeps it in the record. */
export type Purpose = keyof typeof purposes

export const getCameras = () => get<Camera[]>('/cameras')

export function openCamera(id: string, purpose: Purpose, matter: string | null): Promise<Ticket> {
  return call<Ticket>('POST', `/cameras/${id}/open`, { purpose: purposes[purpose], matter })
}

/** The newest still; `tick` makes the address new so that the browser asks again. */
export const stillAddress = (id: string, tick: number) => fileAddress(`/cameras/${id}/still`, { t: String(tick) })
