// SPDX-License-Identifier: Apache-2.0
import { act, type Words } from '@/api/client'

export type LoudspeakerHere = {
  id: string
  name: string
  distance_m: number | null
  volume: number | null
  state: string
  phrases: { key: string; text: Words | string; phrase?: string }[]
}

export type Speech = { loudspeaker: string; phrase?: string; text?: string }

export const talk = (matter: string, speech: Speech) => act<{ announcement?: string; id?: string }>(`/matters/${matter}/talk`, speech)
export const stopTalk = (announcement: string) => act<unknown>(`/announcements/${announcement}/stop`)
