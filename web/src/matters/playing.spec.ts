// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest'
import { aDetail, anAnnouncement } from '../../tests/fake/builders'
import { nowPlaying } from './playing'

describe('what sounds now', () => {
  it('is the newest announcement that is not over', () => {
    const announcements = [anAnnouncement({ id: 'a1', state: 'played' }), anAnnouncement({ id: 'a2', state: 'calling', text: '请离开' })]
    expect(nowPlaying(aDetail({ announcements }))).toEqual({ id: 'a2', words: '请离开' })
  })

  it.each(['played', 'failed', 'stopped'] as const)('is nothing once it was %s', (state) => {
    expect(nowPlaying(aDetail({ announcements: [anAnnouncement({ state })] }))).toBeNull()
  })
})
