// SPDX-License-Identifier: Apache-2.0
import { act, get } from '@/api/client'
import type { Item, LeadGiven, Task, Today } from '@/api/generated'

export type { Item, Today }
/** A task of one's own, as the phone shows it. */
export type PhoneTask = Task

export const getToday = () => get<Today>('/phone/today')
export const getItems = () => get<Item[]>('/items')

/** What an officer saw and photographed becomes a lead for a case; the camera's clip is none. */
export const raiseCaseLead = (task: string) => act<LeadGiven>(`/tasks/${task}/case-lead`)
