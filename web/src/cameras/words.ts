// SPDX-License-Identifier: Apache-2.0
import { i18n } from '@/i18n'
import purposes from './purposes.json'

/** A camera's purpose as the record keeps it, in the reader's language; null where we know no word. */
export function purposeWord(kept: unknown): string | null {
  const code = Object.entries(purposes).find(([, words]) => words === kept)?.[0]
  return code === undefined ? null : i18n.global.t(`purpose.${code}`)
}
