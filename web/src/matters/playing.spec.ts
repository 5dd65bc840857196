// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest'
import { aDetail, after_s } from '../../tests/fake/builders'
import type { TimelineRow } from './api'
import { nowPlaying } from './playing'

const row = (s: number, verb: string, announcement: string): TimelineRow => ({
  position: s, at: after_s(s), verb, words: { 'zh-CN': verb, en: verb }, who: null, screen: null, blobs: [], facts: { announcement },
})

describe('what sounds now', () => {
  it('is the announcement that began and is not over', () => {
    const detail = aDetail({ timeline: [row(2, 'announcement.playing', 'a2'), row(0, 'announcement.playing', 'a1'), row(1, 'announcement.played', 'a1')] })
    expect(nowPlaying(detail)?.id).toBe('a2')
  })

  it.each(['played', 'failed', 'stopped'])('is nothing once it was %s', (end) => {
    expect(nowPlaying(aDetail({ timeline: [row(0, 'announcement.asked', 'a'), row(1, `announcement.${end}`, 'a')] }))).toBeNull()
  })
})
