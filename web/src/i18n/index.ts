// SPDX-License-Identifier: Apache-2.0
import { createI18n } from 'vue-i18n'
import type { Failure, Words } from '@/api/client'
import en from './en.json'
import zh from './zh-CN.json'

export type Locale = 'zh-CN' | 'en'
const kept = 'jiedao.locale'

function firstLocale(): Locale {
  const asked = new URLSearchParams(window.location.search).get('lang') ?? localStorage.getItem(kept)
  return asked === 'en' ? 'en' : 'zh-CN'
}

/** One catalogue for all pages; Chinese is the source, English is complete. */
export const i18n = createI18n<[typeof zh], Locale, false>({
  legacy: false,
  locale: firstLocale(),
  fallbackLocale: 'zh-CN',
  messages: { 'zh-CN': zh, en },
})

export function locale(): Locale {
  return i18n.global.locale.value
}

export function setLocale(next: Locale): void {
  i18n.global.locale.value = next
  document.documentElement.lang = next
  localStorage.setItem(kept, next)
}

/** Words the server sends, mostly in both languages; names of places and persons come as they are. */
export function said(words: Words | string | null | undefined): string {
  if (!words) return ''
  if (typeof words === 'string') return words
  return words[locale()] || words['zh-CN']
}

/** What to tell a person about a failure: the server's own words, else what we know here. */
export function sayFailure(failure: Failure): string {
  if ('words' in failure && failure.words) return said(failure.words)
  const { t } = i18n.global
  return failure.code === 'network.no_answer' ? t('common.no_answer') : t('common.failed', { code: failure.code })
}

document.documentElement.lang = locale()
