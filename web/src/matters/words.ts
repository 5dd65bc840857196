// SPDX-License-Identifier: Apache-2.0
import { i18n } from '@/i18n'

/** The word for a code, or the code itself when a newer server knows one that we do not. */
export function wordFor(group: string, code: string): string {
  const key = `${group}.${code.replaceAll('.', '_')}`
  return i18n.global.te(key, 'zh-CN') ? i18n.global.t(key) : code
}

export const sourceWords = (source: string): string => wordFor('source', source)

const reasons = ['false_alarm', 'return_reason', 'emergency'] as const

/** The word for a reason that was given in one press; any other is told as it came. */
export function reasonWord(code: string): string {
  const group = reasons.find((one) => wordFor(one, code) !== code)
  return group ? wordFor(group, code) : code
}
