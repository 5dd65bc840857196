// SPDX-License-Identifier: Apache-2.0
import { shallowRef } from 'vue'

/** A short message at the foot of the page; with `undo` it can be taken back while it stands. */
export type Notice = {
  id: number
  kind: 'done' | 'bad'
  text: string
  undo?: { label: string; run: () => void }
  until_ms: number
}

export const notices = shallowRef<readonly Notice[]>([])
let next = 1

export function dropNotice(id: number): void {
  notices.value = notices.value.filter((notice) => notice.id !== id)
}

export function tell(text: string, more: { kind?: 'done' | 'bad'; undo?: Notice['undo']; for_s?: number } = {}): number {
  const kind = more.kind ?? 'done'
  const for_s = more.for_s ?? (kind === 'bad' ? 12 : 5)
  const notice: Notice = { id: next++, kind, text, until_ms: Date.now() + for_s * 1000 }
  if (more.undo) notice.undo = more.undo
  notices.value = [...notices.value, notice]
  setTimeout(() => dropNotice(notice.id), for_s * 1000)
  return notice.id
}
