// SPDX-License-Identifier: Apache-2.0
import { act, call } from '@/api/client'
import type { DrillGiven } from '@/api/generated'
import type { Session } from '@/town/api'

export type Chair = { seat: 'operator' | 'worker' | 'verifier'; page: '/desk' | '/m'; chair: string }

/** Three seats of the demo, each with a session of its own, so that one visitor can hold them all. */
export const chairs: readonly Chair[] = [
  { seat: 'operator', page: '/desk', chair: 'desk' },
  { seat: 'worker', page: '/m', chair: 'm' },
  { seat: 'verifier', page: '/desk', chair: 'verifier' },
]

export const addressOf = ({ page, chair }: Chair): string => `${page}?seat=${chair}`
export const sitDown = ({ seat, chair }: Chair) => call<Session>('POST', `/demo/seats/${seat}`, undefined, chair)
export type DrillKind = 'fence' | 'stall'
export const askForDrill = (kind: DrillKind) => act<DrillGiven>('/drills', { kind })
