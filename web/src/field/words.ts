// SPDX-License-Identifier: Apache-2.0
import type { Words } from '@/api/client'
import { i18n, locale, said } from '@/i18n'
import { townTime } from '@/shared/time'
import type { Entry } from './outbox/entry'
import { sentPercent } from './outbox/entry'

const two = (n: number) => String(n).padStart(2, '0')

/** 8:26, as people say a time of day. */
export function hourText(at: string): string {
  const { hour, minute } = townTime(at)
  return `${hour}:${two(minute)}`
}

export function greetingKey(hour: number): 'night' | 'morning' | 'noon' | 'afternoon' | 'evening' {
  if (hour < 5 || hour >= 23) return 'night'
  if (hour < 11) return 'morning'
  if (hour < 13) return 'noon'
  return hour < 18 ? 'afternoon' : 'evening'
}

/** When it must be done: a time today, else today, tomorrow or a date. */
export function dueText(due_at: string | null, now_ms: number): string {
  const { t } = i18n.global
  if (due_at === null) return t('field.due_today')
  const [due, now] = [townTime(due_at), townTime(now_ms)]
  const isToday = due.month === now.month && due.day === now.day
  if (isToday) return t('field.due_before', { time: hourText(due_at) })
  if (Date.parse(due_at) < now_ms) return t('field.due_over')
  return t('field.due_date', { month: due.month, day: due.day })
}

/** What is left of a limit, in words: 19 minutes. Null when there is no near limit. */
export function leftText(due_at: string | null, now_ms: number): string | null {
  if (due_at === null) return null
  const left_min = Math.floor((Date.parse(due_at) - now_ms) / 60_000)
  const { t } = i18n.global
  if (left_min < 0) return t('field.over')
  if (left_min < 60) return t('field.left_minutes', { n: left_min })
  return left_min < 24 * 60 ? t('field.left_hours', { n: Math.floor(left_min / 60) }) : null
}

/** The state of an act on its way, in the four words of the design. */
export function sendingText(entry: Entry): string {
  const { t } = i18n.global
  const percent = sentPercent(entry)
  if (entry.state === 'sending') return percent === null ? t('field.sending') : t('field.sending_percent', { n: percent })
  return t(`field.${entry.state}`)
}

/** Which act it is, for lists. */
export function actText(entry: Entry): string {
  const what = entry.path === '/matters' ? 'raise' : (entry.path.split('/').at(-1) ?? '').replace('-', '_')
  return i18n.global.t(`field.act_${what}`)
}

/** Why an act was refused; the platform's own words, never a code. */
export function whyText(why: Words | null): string {
  return why ? said(why) : i18n.global.t('field.failed_why')
}

/** Chosen answers and typed words as one note. */
export function noteOf(chips: readonly string[], words: string): string {
  const chosen = chips.map((chip) => i18n.global.t(`field.chip_${chip}`)).join(locale() === 'en' ? ', ' : '\uff0c')
  const full = locale() === 'en' ? '. ' : '\u3002'
  return [chosen, words.trim()].filter(Boolean).join(full)
}
