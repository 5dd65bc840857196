// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest'
import { aCard, after_s, noon } from '../../tests/fake/builders'
import { audible, groupsOf, isFlood, isUnconfirmed } from './pressure'

const at = (s: number) => Date.parse(noon) + s * 1000
const place = (id: string) => ({ id, name: id, path: '/', lon: null, lat: null })
const alarms = (n: number) => Array.from({ length: n }, (_, i) => aCard({ id: `m${i}`, opened_at: after_s(i) }))

describe('a flood', () => {
  it('is ten new alarms in ten minutes, and not nine', () => {
    expect(isFlood(alarms(9), at(60))).toBe(false)
    expect(isFlood(alarms(10), at(60))).toBe(true)
  })

  it('is over when they are older', () => {
    expect(isFlood(alarms(10), at(605))).toBe(false)
  })

  it('lets level 1 be heard, and the first of each place', () => {
    const cards = [
      aCard({ id: 'bridge 1', place: place('bridge'), opened_at: after_s(1) }),
      aCard({ id: 'bridge 2', place: place('bridge'), opened_at: after_s(2) }),
      aCard({ id: 'market', place: place('market'), opened_at: after_s(3) }),
      aCard({ id: 'fire', place: place('market'), severity: 1, opened_at: after_s(4) }),
    ]
    expect(audible(cards, true).map((card) => card.id)).toEqual(['bridge 1', 'market', 'fire'])
    expect(audible(cards, false)).toBe(cards)
  })

  it('stands in groups by place, the most severe first', () => {
    const cards = [
      aCard({ id: 'a', severity: 3, place: place('bridge'), opened_at: after_s(1) }),
      aCard({ id: 'b', severity: 2, place: place('market'), opened_at: after_s(2) }),
      aCard({ id: 'c', severity: 1, place: place('bridge'), opened_at: after_s(3) }),
    ]
    expect(groupsOf(cards).map((group) => group.map((card) => card.id))).toEqual([['c', 'a'], ['b']])
  })
})

describe('an alarm that waits for a person', () => {
  it.each([[1, 60], [2, 300], [3, 1800]] as const)('of level %i is late after %i s', (severity, s) => {
    const card = aCard({ severity, opened_at: noon })
    expect(isUnconfirmed(card, at(s - 1))).toBe(false)
    expect(isUnconfirmed(card, at(s))).toBe(true)
    expect(isUnconfirmed({ ...card, confirmed: true }, at(s))).toBe(false)
  })

  it('of level 4 may wait', () => {
    expect(isUnconfirmed(aCard({ severity: 4 }), at(99_999))).toBe(false)
  })
})
