// SPDX-License-Identifier: Apache-2.0
import { i18n } from '@/i18n'

/** The word for a code, or the code itself when a newer server knows one that we do not. */
export function wordFor(group: string, code: string): string {
  const key = `${group}.${code.replaceAll('.', '_')}`
  return i18n.global.te(key, 'zh-CN') ? i18n.global.t(key) : code
}

export const sourceWords = (source: string): string => wordFor('source', source)
