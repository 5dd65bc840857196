// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest'
import { aTask } from '../../tests/fake/builders'
import type { PhoneTask, Today } from './api'
import type { Entry } from './outbox/entry'
import { chainOf, checkInPath, checkOutPath, pathOf, shiftChain, shown, type Answer } from './shown'

const aDay = (tasks: PhoneTask[], since: string | null = '2026-11-23T00:30:00Z'): Today => ({
  position: 1, at: '2026-11-23T01:00:00Z', me: { id: 'p', name: '甲', post: '网格员', unit: '临江社区' }, shift: { checked_in_at: since }, told: [], tasks, done: [],
})

let made = 0
function anAct(path: string, chain: string, state: Entry['state'] = 'waiting'): Entry {
  made += 1
  return { id: `a-${String(made).padStart(4, '0')}`, owner: 'p', chain, path, body: {}, photos: [], made_at: '2026-11-23T01:01:00Z', state, why: null }
}
const did = (answer: Answer, state?: Entry['state']) => anAct(pathOf('t1', answer), chainOf('t1'), state)

describe('what the phone shows of the day', () => {
  it('moves a task on by acts that wait, and says that they wait', () => {
    const day = shown(aDay([aTask()]), [did('accept'), did('arrive')])
    expect(day.offered).toEqual([])
    expect(day.active).toMatchObject([{ state: 'on_scene' }])
    expect(day.active[0]?.acts).toHaveLength(2)
  })

  it('leaves a task where it is when its act was refused, and all that hung on it', () => {
    const day = shown(aDay([aTask()]), [did('accept', 'failed'), did('arrive')])
    expect(day.offered).toMatchObject([{ id: 't1', state: 'offered' }])
    expect(day.offered[0]?.acts).toHaveLength(2)
  })

  it('does not jump back while a sent act is ahead of the picture', () => {
    const day = shown(aDay([aTask()]), [did('accept', 'sent')])
    expect(day.active).toMatchObject([{ state: 'accepted', acts: [] }])
  })

  it('shows that work was begun before the platform knows, and not once it was refused', () => {
    const task = aTask({ state: 'on_scene', begun_at: null })
    const begin = did('begin')
    expect(shown(aDay([task]), [begin]).active).toMatchObject([{ state: 'on_scene', begun_at: begin.made_at }])
    expect(shown(aDay([task]), [did('begin', 'failed')]).active).toMatchObject([{ begun_at: null }])
  })

  it('never moves back a task that the platform has moved further', () => {
    const day = shown(aDay([aTask({ state: 'on_scene' })]), [did('accept')])
    expect(day.active).toMatchObject([{ state: 'on_scene' }])
  })

  it('takes the word of the platform when an offer was withdrawn meanwhile', () => {
    const day = shown(aDay([aTask({ state: 'withdrawn' })]), [did('accept')])
    expect(day.active).toEqual([])
    expect(day.done).toMatchObject([{ state: 'withdrawn' }])
  })

  it('puts the earliest deadline first, and those without one last', () => {
    const day = shown(aDay([aTask({ id: 'none', state: 'accepted' }), aTask({ id: 'late', state: 'accepted', due_at: '2026-11-23T09:00:00Z' }), aTask({ id: 'soon', state: 'accepted', due_at: '2026-11-23T02:00:00Z' })]), [])
    expect(day.active.map((task) => task.id)).toEqual(['soon', 'late', 'none'])
  })

  it('counts a check-in that waits, but not one that was refused', () => {
    expect(shown(aDay([], null), [anAct(checkInPath, shiftChain)]).checked_in_at).toBe('2026-11-23T01:01:00Z')
    expect(shown(aDay([], null), [anAct(checkInPath, shiftChain, 'failed')]).checked_in_at).toBeNull()
    expect(shown(aDay([]), [anAct(checkOutPath, shiftChain)]).checked_in_at).toBeNull()
  })
})
