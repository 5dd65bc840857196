// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest'
import type { Card } from '@/matters/api'
import type { WallMode } from './api'
import { groupAt, pageAt, share, spotlightOf, stagesOf, waitingOf } from './pages'

const turns: WallMode = { page: '', visitors: false }
const card = (id: string, severity: 1 | 2 | 3 | 4, opened_at: string, state: Card['state'] = 'filed') => ({ id, severity, opened_at, state, confirmed: true }) as Card

describe('the pages of the wall', () => {
  it.each([
    [0, 'overview'],
    [59, 'overview'],
    [60, 'cameras'],
    [79, 'cameras'],
    [80, 'overview'],
  ])('take turns: at %s s %s', (now_s, page) => expect(pageAt(now_s, turns, [], 4)).toBe(page))

  it('stay where the desk set them', () => expect(pageAt(0, { ...turns, page: 'cameras' }, [], 4)).toBe('cameras'))

  it('return to the overview for a level 1, even from a page that was set', () =>
    expect(pageAt(0, { ...turns, page: 'cameras' }, [card('a', 1, '2026-11-23T04:00:00Z')], 4)).toBe('overview'))

  it('leave out what has nothing to show', () => expect(pageAt(65, turns, [], 0)).toBe('overview'))
})

describe('open matters on the wall', () => {
  const cards = [card('old', 2, '2026-11-23T03:00:00Z'), card('new', 2, '2026-11-23T04:00:00Z'), card('grave', 1, '2026-11-23T01:00:00Z', 'closed'), card('low', 3, '2026-11-23T02:00:00Z')]

  it('the spotlight takes the gravest, then the newest, and nothing that is closed', () => expect(spotlightOf(cards)?.id).toBe('new'))
  it('the list has those first that wait longest', () => expect(waitingOf(cards).map((one) => one.id)).toEqual(['old', 'new', 'low']))
  it('with none open there is no spotlight', () => expect(spotlightOf([cards[2]!])).toBeNull())
})

describe('a rotation', () => {
  it('shows group after group and begins again', () => {
    const at = (now_s: number) => groupAt(['a', 'b', 'c'], 2, 15, now_s).shown.join('')
    expect([at(0), at(15), at(30)]).toEqual(['ab', 'c', 'ab'])
  })
  it('of nothing is one empty group', () => expect(groupAt([], 5, 15, 99)).toEqual({ shown: [], at: 0, of: 1 }))
})

describe('the steps of a matter', () => {
  it('carry the time of the first record that did them', () => {
    const rows = [
      { verb: 'matter.reported', at: '1' },
      { verb: 'task.offered', at: '2' },
      { verb: 'task.offered', at: '3' },
    ]
    expect(stagesOf(rows).filter((stage) => stage.at).map((stage) => [stage.key, stage.at])).toEqual([['found', '1'], ['sent', '2']])
  })
  it('a share of nothing is not a number', () => expect(share(0, 0)).toBeNull())
})
