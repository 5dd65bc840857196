// SPDX-License-Identifier: Apache-2.0
import { get } from '@/api/client'
import type { Item, Task, Today } from '@/api/generated'

export type { Item, Today }
/** A task of one's own, as the phone shows it. */
export type PhoneTask = Task

export const getToday = () => get<Today>('/phone/today')
export const getItems = () => get<Item[]>('/items')
