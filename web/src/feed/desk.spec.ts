// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest'
import { aCard, anEvent, aSnapshot } from '../../tests/fake/builders'
import { applyEvent, fromSnapshot } from './desk'

const desk = fromSnapshot(aSnapshot({ position: 10, cards: [aCard({ id: 'm1', version: 3 })] }))

describe('what an event changes on the desk', () => {
  it('puts a new matter on the queue', () => {
    const next = applyEvent(desk, anEvent(11, aCard({ id: 'm2' })))
    expect([...next.cards.keys()]).toEqual(['m1', 'm2'])
    expect(next.position).toBe(11)
  })

  it('replaces a card by its newer version', () => {
    const next = applyEvent(desk, anEvent(11, aCard({ id: 'm1', version: 4, state: 'filed' })))
    expect(next.cards.get('m1')?.state).toBe('filed')
  })

  it('never turns a matter back to an older version', () => {
    const next = applyEvent(desk, anEvent(11, aCard({ id: 'm1', version: 2, state: 'reported' })))
    expect(next.cards.get('m1')?.version).toBe(3)
    expect(next.position).toBe(11)
  })

  it('changes nothing when it is told twice', () => {
    expect(applyEvent(desk, anEvent(10, aCard({ id: 'm9' })))).toBe(desk)
    const once = applyEvent(desk, anEvent(11, aCard({ id: 'm2' })))
    expect(applyEvent(once, anEvent(11, aCard({ id: 'm2' })))).toBe(once)
  })

  it('moves the cursor for events without a card', () => {
    const next = applyEvent(desk, anEvent(12))
    expect(next.position).toBe(12)
    expect(next.cards).toBe(desk.cards)
  })

  it('leaves the state it was given untouched', () => {
    applyEvent(desk, anEvent(11, aCard({ id: 'm2' })))
    expect(desk.cards.size).toBe(1)
    expect(desk.position).toBe(10)
  })
})
