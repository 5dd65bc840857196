// SPDX-License-Identifier: Apache-2.0
import { act, call, get } from '@/api/client'
import type { Announcement, Broadcast, BroadcastNow, Horns, LoudspeakerHere, MatterDetail, Said, AnnouncementStopped } from '@/api/generated'
import type { Ticket } from '@/api/tickets'

export type { Announcement, LoudspeakerHere }
export type Speech = Omit<Said, 'act_id'>

export const talk = (matter: string, speech: Speech) => act<MatterDetail>(`/matters/${matter}/talk`, speech)
export const stopTalk = (announcement: string) => act<AnnouncementStopped>(`/announcements/${announcement}/stop`)

export type TalkPass = Ticket & { talk: string }

/** Take a loudspeaker, to speak through it; the voice follows over the socket. */
export const takeLoudspeaker = (loudspeaker: string, matter: string | null, override_reason: string) =>
  call<TalkPass>('POST', `/loudspeakers/${loudspeaker}/talk`, { matter, override_reason })

export type { BroadcastNow, Horns }
export type BroadcastAsked = Omit<Broadcast, 'act_id'>

export const getLoudspeakers = () => get<Horns>('/loudspeakers')
export const broadcast = (asked: BroadcastAsked) => act<BroadcastNow>('/broadcasts', asked)
export const getBroadcast = (batch: string) => get<BroadcastNow>(`/broadcasts/${batch}`)
export const stopBroadcast = (batch: string) => act<BroadcastNow>(`/broadcasts/${batch}/stop`)
