// SPDX-License-Identifier: Apache-2.0
import { act, get } from '@/api/client'
import type { ActionOffer, Card, Count, DeskSnapshot, MatterAct, MatterDetail, Raised, Task, TimelineRow } from '@/api/generated'

export type { ActionOffer, Card, Count, DeskSnapshot, MatterDetail, Task, TimelineRow }
/** A state of the matter's flow, which is data of the platform. */
export type MatterState = Card['state']
export type TaskState = Task['state']
export type ActBody = Partial<Omit<MatterAct, 'act_id'>>
export type NewMatter = Partial<Omit<Raised, 'act_id'>>

export const getSnapshot = () => get<DeskSnapshot>('/desk/snapshot')
export const getMatter = (id: string) => get<MatterDetail>(`/matters/${id}`)
/** The page of a timeline before a position of the trail, oldest first. */
export const getEarlier = (id: string, before: number) => get<TimelineRow[]>(`/matters/${id}/timeline?before=${before}`)
export const actOnMatter = (id: string, action: string, body: ActBody = {}) =>
  act<MatterDetail>(`/matters/${id}/acts/${action}`, body)
export const raiseMatter = (matter: NewMatter) => act<MatterDetail>('/matters', matter)
