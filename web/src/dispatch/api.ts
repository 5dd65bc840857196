// SPDX-License-Identifier: Apache-2.0
import { act, get } from '@/api/client'
import type { Candidate, MatterDetail, Person } from '@/api/generated'

export type { Candidate, Person }
/** Where a position came from: a fresh fix, the last check-in, or the person's post. */
export type FixSource = Candidate['fix_source']

export const getCandidates = (matter: string) => get<Candidate[]>(`/matters/${matter}/candidates`)
export const dispatchTo = (matter: string, party: string) => act<MatterDetail>(`/matters/${matter}/dispatch`, { party })
export const withdrawTask = (task: string) => act<MatterDetail>(`/tasks/${task}/withdraw`)
