// SPDX-License-Identifier: Apache-2.0
import { act, get, type Words } from '@/api/client'

export type Page = 'overview' | 'cameras'

/** How the wall is set from the desk; without a page, pages take turns. */
export type WallMode = { page: Page | ''; visitors: boolean }

export type Span = { opened: number; closed: number; arrived: number; response_s: number | null }

/** Today against the same part of the same weekday before it; hours 0..23 of the town. */
export type Figures = {
  at: string
  today: Span
  week_ago: Span
  workers: { on_duty: number; total: number }
  hours: number[]
  usual_hours: number[] | null
  types: { item: string; title: Words; n: number }[]
  cameras: { online: number; total: number }
  loudspeakers: { online: number; total: number }
  troubles: { name: string; state: string; why: string; since: string }[]
  mode: WallMode
}

export const getFigures = () => get<Figures>('/wall')
export const setWall = (mode: WallMode) => act<WallMode>('/wall/mode', mode)
