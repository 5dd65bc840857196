// SPDX-License-Identifier: Apache-2.0
import { beforeEach, describe, expect, it } from 'vitest'
import { aTask, noon } from '../../tests/fake/builders'
import type { Today } from './api'
import { forgetDay, keepDay, keptDay } from './keptDay'

const day: Today = { position: 1, at: noon, me: { id: 'p', name: '甲', post: '网格员', unit: '临江社区' }, shift: { checked_in_at: null }, told: [], tasks: [aTask()], done: [] }

describe('the day that a phone keeps', () => {
  beforeEach(() => localStorage.clear())

  it('is there again after a reload, for its own worker', () => {
    keepDay(day)
    expect(keptDay('p')).toEqual(day)
  })

  it('is not shown to whoever signs in next', () => {
    keepDay(day)
    expect(keptDay('other')).toBeNull()
  })

  it('is gone once its worker has signed out, and what is garbled is no day', () => {
    keepDay(day)
    forgetDay()
    expect(keptDay('p')).toBeNull()
    localStorage.setItem('jiedao.phone.day', '{"half')
    expect(keptDay('p')).toBeNull()
  })
})
