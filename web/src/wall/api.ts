// SPDX-License-Identifier: Apache-2.0
import { act, get } from '@/api/client'
import type { Figures as FiguresOut, WallMode as WallModeOut } from '@/api/generated'

/** How the wall is set from the desk; without a page, pages take turns. */
export type WallMode = Required<WallModeOut>
export type Figures = Omit<FiguresOut, 'mode'> & { mode: WallMode }
export type Page = Exclude<WallMode['page'], ''>

export const getFigures = () => get<Figures>('/wall')
export const setWall = (mode: WallMode) => act<WallMode>('/wall/mode', mode)
