// SPDX-License-Identifier: Apache-2.0
import { i18n } from '@/i18n'
import { wordFor } from '@/matters/words'
import type { Candidate } from './api'

const stale_s = 300

/** How well we know where somebody is: a fresh fix says so; a post or check-in never passes as one. */
export function fixWords(one: Pick<Candidate, 'fix_source' | 'fix_age_s'>): string {
  const { t } = i18n.global
  if (one.fix_source === 'post') return t('nearest.by_post')
  if (one.fix_source === 'checkin' && one.fix_age_s === null) return t('reason.position_checkin')
  const age_s = one.fix_age_s ?? Infinity
  const ago = age_s < 60 ? t('nearest.just_now') : Number.isFinite(age_s) ? t('nearest.minutes_ago', { n: Math.round(age_s / 60) }) : ''
  if (one.fix_source === 'checkin') return t('nearest.by_checkin', { ago })
  return age_s > stale_s ? t('nearest.old_fix', { ago }) : t('nearest.fix', { ago })
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
