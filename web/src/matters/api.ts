// SPDX-License-Identifier: Apache-2.0
import { act, get, type Words } from '@/api/client'
import type { Announcement, LoudspeakerHere } from '@/voice/api'
import type { Camera } from '@/cameras/api'
import type { PlanRun } from '@/plans/api'
import type { Person } from '@/dispatch/api'
import type { Severity } from '@/ui/severity'

export type MatterState =
  | 'reported'
  | 'filed'
  | 'dispatched'
  | 'on_way'
  | 'on_scene'
  | 'handling'
  | 'reported_back'
  | 'verifying'
  | 'closed'
  | 'rated'
  | 'solved'
  | 'false_alarm'
  | 'merged'
  | 'transferred'
  | 'left'

/** A matter as the queue shows it. Positions are WGS-84; `still` is the sha256 of a picture. */
export type Card = {
  id: string
  number: string
  item: string
  title: Words | string
  place: { id: string; name: string; path: string; lon: number | null; lat: number | null }
  community: string
  severity: Severity
  state: MatterState
  version: number
  /** A person has seen it and called it real; a plan may act before that. */
  confirmed: boolean
  source: string
  opened_at: string
  due_at: string | null
  respond_by: string | null
  still: string | null
  times: number
  camera: string | null
  on_way: { name: string; party: string; state: TaskState } | null
  demo: boolean
  /** Filed as solved by its raiser. */
  solved: boolean
  /** Deadlines that passed unmet, and who is called for: second_operator, duty_lead, call, red_flag. */
  late: string[]
  told: string[]
  merged_into: string | null
}

export type Count = { online: number; total: number }

export type DeskSnapshot = {
  position: number
  at: string
  cards: Card[]
  cameras: Count
  loudspeakers: Count
  on_duty: number
  duty: { name: string } | null
  people: Person[]
}

export type TaskState =
  | 'offered'
  | 'accepted'
  | 'on_scene'
  | 'done'
  | 'confirmed'
  | 'sent_back'
  | 'expired'
  | 'withdrawn'
  | 'refused'

export type Task = {
  id: string
  matter: string
  kind: string
  title: Words | string
  party: string
  name: string
  place: { name: string; lon: number | null; lat: number | null }
  severity: Severity
  state: TaskState
  offered_at: string
  expires_at: string | null
  due_at: string | null
  distance_m: number | null
  still: string | null
}

export type TimelineRow = {
  position: number | null
  at: string
  verb: string
  words: Words
  who: string | null
  screen: string | null
  /** Words a person wrote; erased with the person's data. */
  note: string | null
  blobs: { sha256: string; type: string }[]
  facts: Record<string, unknown>
}

/** What may be done now; `missing` names what still stands in the way. */
export type ActionOffer = { action: string; key: string | null; needs: string[]; missing: string[] }

export type MatterDetail = {
  card: Card
  actions: ActionOffer[]
  timeline: TimelineRow[]
  tasks: Task[]
  plan: PlanRun | null
  /** A clip tells as `began_at` the capture time of its first picture, where that is known. */
  evidence: { sha256: string; type: string; at: string | null; what: string; began_at?: string | null }[]
  loudspeakers: LoudspeakerHere[]
  camera: Camera | null
  announcements: Announcement[]
  trace: { records: number; sealed: number; head: string | null }
}

export type ActBody = {
  note?: string
  reason?: string
  into?: string
  rating?: number
  blobs?: string[]
}

export type NewMatter = { camera?: string; lon?: number; lat?: number; place?: string; item: string; note: string }

export const getSnapshot = () => get<DeskSnapshot>('/desk/snapshot')
export const getMatter = (id: string) => get<MatterDetail>(`/matters/${id}`)
/** The page of a timeline before a position of the trail, oldest first. */
export const getEarlier = (id: string, before: number) => get<TimelineRow[]>(`/matters/${id}/timeline?before=${before}`)
export const actOnMatter = (id: string, action: string, body: ActBody = {}) =>
  act<MatterDetail>(`/matters/${id}/acts/${action}`, body)
export const raiseMatter = (matter: NewMatter) => act<MatterDetail>('/matters', matter)
