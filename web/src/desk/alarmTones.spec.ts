// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest'
import { aCard } from '../../tests/fake/builders'
import { toneDue } from './alarmTones'

const fire = aCard({ id: 'fire', severity: 1 })
const water = aCard({ id: 'water', severity: 2 })
const litter = aCard({ id: 'litter', severity: 3 })
const never = new Map<string, number>()

describe('the sound of alarms', () => {
  it('says level 1 every 10 s and level 2 every 60 s until confirmed', () => {
    const heard = new Map([['fire', 0], ['water', 0]])
    expect(toneDue([fire], heard, 9_000, 0)).toBeNull()
    expect(toneDue([fire], heard, 10_000, 0)?.kind).toBe('insistent')
    expect(toneDue([water], heard, 59_000, 0)).toBeNull()
    expect(toneDue([water], heard, 60_000, 0)?.kind).toBe('double')
    expect(toneDue([{ ...fire, state: 'on_way', confirmed: true }], heard, 99_000, 0)).toBeNull()
  })

  it('ticks once for level 3 and never for level 4', () => {
    expect(toneDue([litter], never, 0, 0)?.kind).toBe('tick')
    expect(toneDue([litter], new Map([['litter', 0]]), 9e9, 0)).toBeNull()
    expect(toneDue([aCard({ severity: 4 })], never, 0, 0)).toBeNull()
  })

  it('lets the most severe speak first', () => {
    expect(toneDue([litter, water, fire], never, 0, 0)?.card.id).toBe('fire')
  })

  it('keeps quiet while muted, but never for level 1', () => {
    expect(toneDue([water], never, 0, 300_000)).toBeNull()
    expect(toneDue([water, fire], never, 0, 300_000)?.card.id).toBe('fire')
  })
})
