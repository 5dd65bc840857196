// SPDX-License-Identifier: Apache-2.0
import { act, call, get, type Words } from '@/api/client'
import type { Ticket } from '@/api/tickets'
import type { MatterDetail } from '@/matters/api'

export type LoudspeakerHere = {
  id: string
  name: string
  distance_m: number | null
  volume: number | null
  state: string
  phrases: { phrase: string; key: string; text: Words | string; life_safety: boolean; own?: boolean }[]
}

export type Announcement = {
  id: string
  loudspeaker: string
  name: string
  text: string
  /** Somebody's own voice; the text is empty. */
  live: boolean
  state: 'asked' | 'claimed' | 'calling' | 'playing' | 'played' | 'failed' | 'stopped'
  asked_at: string
  first_packet_at: string | null
  finished_at: string | null
  /** Why it came to nothing, a code of the server's catalogue. */
  failure: string | null
  heard: string | null
  /** Likeness, 0..1, of what the loudspeaker's monitor heard to what was rendered. */
  heard_match: number | null
}

export type Speech = { loudspeaker: string; phrase?: string; text?: string; override_reason?: string }

export const talk = (matter: string, speech: Speech) => act<MatterDetail>(`/matters/${matter}/talk`, speech)
export const stopTalk = (announcement: string) => act<unknown>(`/announcements/${announcement}/stop`)

export type TalkPass = Ticket & { talk: string }

/** Take a loudspeaker, to speak through it; the voice follows over the socket. */
export const takeLoudspeaker = (loudspeaker: string, matter: string | null, override_reason: string) =>
  call<TalkPass>('POST', `/loudspeakers/${loudspeaker}/talk`, { matter, override_reason })

export type Horns = {
  loudspeakers: { id: string; name: string; community: string; state: string; volume: number; rests: boolean }[]
  phrases: { phrase: string; key: string; text: Words | string; life_safety: boolean; own?: boolean }[]
  /** From so many loudspeakers on, a person is shown their number before they speak. */
  asked_twice_from: number
  most_signs: number
  loudest: number
}

export type BroadcastNow = {
  batch: string
  number: number
  states: Partial<Record<Announcement['state'], number>>
  over: boolean
  failed: { name: string; code: string; why: Words }[]
}

export type BroadcastAsked = {
  loudspeakers: string[]
  matter: string | null
  confirmed: number
  override_reason: string
  phrase?: string
  text?: string
  volume?: number
}

export const getLoudspeakers = () => get<Horns>('/loudspeakers')
export const broadcast = (asked: BroadcastAsked) => act<BroadcastNow>('/broadcasts', asked)
export const getBroadcast = (batch: string) => get<BroadcastNow>(`/broadcasts/${batch}`)
export const stopBroadcast = (batch: string) => act<BroadcastNow>(`/broadcasts/${batch}/stop`)
