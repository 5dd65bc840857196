// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest'
import { aCard, aPerson } from '../../tests/fake/builders'
import { search } from './search'

const cards = [aCard({ id: 'm1', number: 'A-1123-0046', title: { 'zh-CN': '越过涉水警戒线', en: 'Over the water line' } })]
const people = [aPerson({ name: '周敏' })]

describe('the search of the desk', () => {
  it('finds matters by number or words, and people by name', () => {
    expect(search('0046', cards, people, [])[0]?.matter).toBe('m1')
    expect(search('涉水', cards, people, [])[0]?.matter).toBe('m1')
    expect(search('周', cards, people, [])[0]).toMatchObject({ kind: 'person', spot: { lon: 114.5, lat: 22.8 } })
  })

  it('finds nothing for nothing', () => {
    expect(search('  ', cards, people, [])).toEqual([])
    expect(search('没有这样的', cards, people, [])).toEqual([])
  })
})
