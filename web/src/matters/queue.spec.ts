// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest'
import { aCard, after_s, noon } from '../../tests/fake/builders'
import { isPressing, queueOf, tabOf, usedShare } from './queue'

const at = (s: number) => Date.parse(noon) + s * 1000

describe('the queue', () => {
  it('puts each state under the tab an operator looks for it', () => {
    expect(tabOf(aCard({ state: 'reported' }))).toBe('intake')
    expect(tabOf(aCard({ state: 'on_way', confirmed: true }))).toBe('handling')
    expect(tabOf(aCard({ state: 'reported_back' }))).toBe('verifying')
    expect(tabOf(aCard({ state: 'false_alarm' }))).toBe('closed')
  })

  it('keeps what no person has confirmed under intake, even when a plan has sent somebody', () => {
    expect(tabOf(aCard({ state: 'on_way', confirmed: false }))).toBe('intake')
    expect(tabOf(aCard({ state: 'on_way', confirmed: true }))).toBe('handling')
    expect(tabOf(aCard({ state: 'verifying', confirmed: false }))).toBe('verifying')
    expect(tabOf(aCard({ state: 'false_alarm', confirmed: false }))).toBe('closed')
  })

  it('orders by level, then the newest first', () => {
    const cards = [
      aCard({ id: 'old 2', severity: 2, opened_at: noon }),
      aCard({ id: 'new 2', severity: 2, opened_at: after_s(60) }),
      aCard({ id: 'old 1', severity: 1, opened_at: noon }),
    ]
    expect(queueOf(cards, {}, 'severity').intake.map((card) => card.id)).toEqual(['old 1', 'new 2', 'old 2'])
    expect(queueOf(cards, {}, 'newest').intake[0]?.id).toBe('new 2')
  })

  it('leaves out what the filters do not want', () => {
    const cards = [aCard({ id: 'a', community: 'x' }), aCard({ id: 'b', community: 'y' })]
    expect(queueOf(cards, { community: 'y' }, 'severity').intake.map((card) => card.id)).toEqual(['b'])
    expect(queueOf(cards, { community: 'y', severity: '1' }, 'severity').intake).toEqual([])
  })
})

describe('the thin bar of used time', () => {
  const card = aCard({ severity: 2, opened_at: noon, respond_by: after_s(100) })

  it('grows with the time to respond, and beyond it', () => {
    expect(usedShare(card, at(50))).toBeCloseTo(0.5)
    expect(usedShare(card, at(150))).toBeCloseTo(1.5)
  })

  it('gets colour only over three quarters, and only for levels 1 and 2', () => {
    expect(isPressing(card, at(70))).toBe(false)
    expect(isPressing(card, at(80))).toBe(true)
    expect(isPressing({ ...card, severity: 3 }, at(80))).toBe(false)
  })

  it('is absent when nothing is due or all is done', () => {
    expect(usedShare(aCard({ respond_by: null }), at(1))).toBeNull()
    expect(usedShare({ ...card, state: 'closed' }, at(1))).toBeNull()
  })
})
