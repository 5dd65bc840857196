// SPDX-License-Identifier: Apache-2.0
import { act, get } from '@/api/client'
import type { MatterDetail } from '@/matters/api'

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
  fix_source: FixSource | null
  heard_age_s: number | null
  battery_pct: number | null
  state: 'free' | 'offered' | 'busy'
  task: string | null
}

export type Candidate = {
  party: string
  name: string
  post: string
  unit: string
  distance_m: number
  travel_s: number
  fix_age_s: number | null
  fix_source: FixSource
  /** Age of the phone's last position, even one too old to be used; what its battery had left then, %. */
  heard_age_s: number | null
  battery_pct: number | null
  reasons: string[]
}

export const getCandidates = (matter: string) => get<Candidate[]>(`/matters/${matter}/candidates`)
export const dispatchTo = (matter: string, party: string) => act<MatterDetail>(`/matters/${matter}/dispatch`, { party })
export const withdrawTask = (task: string) => act<MatterDetail>(`/tasks/${task}/withdraw`)
