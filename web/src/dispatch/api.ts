// SPDX-License-Identifier: Apache-2.0
import { act, get } from '@/api/client'

/** Where a position came from: a fresh fix, the person's post, or the last check-in. */
export type FixSource = 'fix' | 'post' | 'checkin'

export type Person = {
  id: string
  name: string
  post: string
  unit: string
  lon: number | null
  lat: number | null
  fix_age_s: number | null
  fix_source: FixSource
  state: 'free' | 'offered' | 'busy'
  task: string | null
}

export type Candidate = {
  party: string
  name: string
  post: string
  distance_m: number
  travel_s: number
  fix_age_s: number | null
  fix_source: FixSource
  battery: number | null
  reasons: unknown[]
}

export const getCandidates = (matter: string) => get<Candidate[]>(`/matters/${matter}/candidates`)
export const dispatchTo = (matter: string, party: string) => act<{ task?: string }>(`/matters/${matter}/dispatch`, { party })
export const withdrawTask = (task: string) => act<unknown>(`/tasks/${task}/withdraw`)
