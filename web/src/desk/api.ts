// SPDX-License-Identifier: Apache-2.0
import { act, get } from '@/api/client'
import type { Handover } from '@/api/generated'

/** Words that a shift left for the next; `note` is null once they were erased. */
export type { Handover }

export const getHandovers = () => get<Handover[]>('/desk/handovers')
export const handOver = (note: string) => act<Handover[]>('/desk/handovers', { note })
