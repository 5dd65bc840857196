// SPDX-License-Identifier: Apache-2.0
import { effectScope, ref } from 'vue'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { aCard, aDetail, noon } from '../../tests/fake/builders'
import type { MatterDetail, TimelineRow } from './api'
import { joined, useTimeline } from './useTimeline'

const row = (position: number | null): TimelineRow => ({
  position,
  at: noon,
  verb: 'matter.acted',
  words: { 'zh-CN': '记事', en: 'Note' },
  device_at: null,
  who: '',
  screen: '',
  note: null,
  blobs: [],
  facts: {},
})
const rows = (...positions: (number | null)[]) => positions.map(row)
const at = (timeline: readonly TimelineRow[]) => timeline.map((one) => one.position)
const page = (records: number, ...positions: (number | null)[]): MatterDetail =>
  aDetail({ timeline: rows(...positions), trace: { records, sealed: records, position: records, head: 'abc' } })

describe('what is known of a timeline, and its newest page', () => {
  it('are joined where the page begins, and what was not sealed then comes once', () => {
    expect(at(joined(rows(1, 4, 7, null), rows(4, 7, 9, null)))).toEqual([1, 4, 7, 9, null])
  })

  it('are not joined over a gap', () => {
    expect(at(joined(rows(1, 4), rows(30, 40)))).toEqual([30, 40])
  })
})

describe('a timeline', () => {
  const fetched = vi.fn<typeof fetch>()
  beforeEach(() => {
    vi.stubGlobal('fetch', fetched)
  })
  afterEach(() => {
    fetched.mockReset()
    vi.unstubAllGlobals()
  })
  const answer = (body: unknown, status = 200) => fetched.mockResolvedValueOnce(new Response(JSON.stringify(body), { status }))

  it('offers what came before its page and puts it in front', async () => {
    const detail = ref(page(4, 5, 8))
    const way = effectScope().run(() => useTimeline(() => detail.value))!
    expect(way.has_earlier.value).toBe(true)
    answer(rows(1, 3))
    await way.more()
    expect(String(fetched.mock.calls[0]?.[0])).toContain(`/matters/${detail.value.card.id}/timeline?before=5`)
    expect(at(way.rows.value)).toEqual([1, 3, 5, 8])
    expect(way.has_earlier.value).toBe(false)
  })

  it('says so if it cannot be read, and offers it again', async () => {
    const detail = ref(page(4, 5, 8))
    const way = effectScope().run(() => useTimeline(() => detail.value))!
    answer({ code: 'database.away', message: { 'zh-CN': '稍后', en: 'Later' }, facts: {} }, 503)
    await way.more()
    expect(way.failure.value).not.toBeNull()
    expect(at(way.rows.value)).toEqual([5, 8])
    expect(way.has_earlier.value).toBe(true)
  })

  it('begins anew with another matter', async () => {
    const detail = ref(page(2, 5, 8))
    const way = effectScope().run(() => useTimeline(() => detail.value))!
    detail.value = { ...page(2, 6, 7), card: aCard({ id: 'another' }) }
    await Promise.resolve()
    expect(at(way.rows.value)).toEqual([6, 7])
  })
})
