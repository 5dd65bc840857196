// SPDX-License-Identifier: Apache-2.0
import { get, type Words } from '@/api/client'
import type { TaskState } from '@/matters/api'
import type { Severity } from '@/ui/severity'

/** A task of one's own, as the phone shows it. Times are ISO 8601; positions are WGS-84. */
export type PhoneTask = {
  id: string
  matter: string
  title: Words
  place: { name: string; lon: number | null; lat: number | null } | null
  severity: Severity
  state: TaskState
  offered_at: string
  expires_at: string | null
  accepted_at: string | null
  arrived_at: string | null
  reported_at: string | null
  due_at: string | null
  distance_m: number | null
  still: string | null
  blobs: string[]
}

export type Today = {
  position: number
  at: string
  me: { id: string; name: string; post: string; unit: string }
  shift: { checked_in_at: string | null }
  tasks: PhoneTask[]
  done: PhoneTask[]
}

export type Item = { item: string; name: Words; severity: Severity }

export const getToday = () => get<Today>('/phone/today')
export const getItems = () => get<Item[]>('/items')
