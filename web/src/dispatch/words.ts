// SPDX-License-Identifier: Apache-2.0
import { i18n } from '@/i18n'
import type { Task } from '@/matters/api'
import { wordFor } from '@/matters/words'
import type { Candidate } from './api'

const stale_s = 300

/** How well we know where somebody is: a fresh fix says so; a post or check-in never passes as one. */
export function fixWords(one: Pick<Candidate, 'fix_source' | 'fix_age_s' | 'heard_age_s'>): string {
  const { t } = i18n.global
  const last = one.heard_age_s === null ? '' : ` · ${t('nearest.heard', { ago: agoText(one.heard_age_s) })}`
  if (one.fix_source === 'post') return t('nearest.by_post') + last
  if (one.fix_source === 'checkin' && one.fix_age_s === null) return t('reason.position_checkin') + last
  const age_s = one.fix_age_s ?? Infinity
  const ago = Number.isFinite(age_s) ? agoText(age_s) : ''
  if (one.fix_source === 'checkin') return t('nearest.by_checkin', { ago })
  return age_s > stale_s ? t('nearest.old_fix', { ago }) : t('nearest.fix', { ago })
}

function agoText(age_s: number): string {
  const { t } = i18n.global
  if (age_s < 60) return t('nearest.just_now')
  return age_s < 5400 ? t('nearest.minutes_ago', { n: Math.round(age_s / 60) }) : t('nearest.hours_ago', { n: Math.round(age_s / 3600) })
}

/** Whom to ask next when everybody who was asked has not answered or cannot go; null while one may come. */
export function nextToAsk(tasks: readonly Pick<Task, 'state' | 'name'>[], free: readonly Candidate[]): { after: string; next: Candidate } | null {
  const last = tasks.at(-1)
  if (!last || !['expired', 'refused'].includes(last.state)) return null
  if (tasks.some((task) => ['offered', 'accepted', 'on_scene', 'handling', 'done'].includes(task.state))) return null
  const next = free.find((one) => !one.reasons.includes('asked_before')) ?? free[0]
  return next ? { after: last.name, next } : null
}

export function travelText(travel_s: number): string {
  const { t } = i18n.global
  const s = Math.max(0, Math.round(travel_s / 10) * 10)
  if (s < 60) return t('nearest.seconds', { s: Math.max(10, s) })
  return s < 300 && s % 60 !== 0 ? t('nearest.minutes_seconds', { m: Math.floor(s / 60), s: s % 60 }) : t('nearest.minutes', { m: Math.round(s / 60) })
}

export function reasonWords(one: Candidate): string[] {
  return one.reasons.map((reason) => wordFor('reason', reason))
}
