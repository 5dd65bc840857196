// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest'
import type { Candidate } from './api'
import { fixWords, nextToAsk, travelText } from './words'

const hand = (name: string, more: Partial<Candidate> = {}): Candidate => ({ party: name, name, post: '', unit: '', distance_m: 1, travel_s: 1, fix_age_s: 1, fix_source: 'fix', heard_age_s: 1, battery_pct: 80, reasons: [], ...more })

describe('how well we know where somebody is', () => {
  it('tells a fresh fix from an old one', () => {
    expect(fixWords({ fix_source: 'fix', fix_age_s: 12, heard_age_s: 12 })).toBe('刚刚定位')
    expect(fixWords({ fix_source: 'fix', fix_age_s: 600, heard_age_s: 600 })).toBe('位置 10 分钟前')
  })

  it('never lets a post or a check-in pass as a position', () => {
    expect(fixWords({ fix_source: 'post', fix_age_s: null, heard_age_s: null })).toBe('按岗位估计')
    expect(fixWords({ fix_source: 'checkin', fix_age_s: 1800, heard_age_s: null })).toBe('按签到点（30 分钟前）')
  })
})

describe('a phone that fell silent', () => {
  it('says when it was last heard, however long ago', () => {
    expect(fixWords({ fix_source: 'post', fix_age_s: null, heard_age_s: 480 })).toBe('按岗位估计 · 最后定位 8 分钟前')
    expect(fixWords({ fix_source: 'checkin', fix_age_s: null, heard_age_s: 7200 })).toBe('按签到点 · 最后定位 2 小时前')
  })
})

describe('whom to ask next', () => {
  const free = [hand('周敏', { reasons: ['asked_before'] }), hand('王建军')]

  it('is the nearest who was not asked before, once nobody has answered', () => {
    expect(nextToAsk([{ state: 'expired', name: '周敏' }], free)).toMatchObject({ after: '周敏', next: { name: '王建军' } })
  })

  it('is nobody while one may still come', () => {
    expect(nextToAsk([{ state: 'expired', name: '周敏' }, { state: 'offered', name: '王建军' }], free)).toBeNull()
    expect(nextToAsk([], free)).toBeNull()
    expect(nextToAsk([{ state: 'refused', name: '周敏' }], [])).toBeNull()
  })
})

describe('travel time', () => {
  it.each([[4, '10 秒'], [110, '1 分 50 秒'], [120, '2 分'], [640, '11 分']])('%i s reads %s', (s, words) => {
    expect(travelText(s)).toBe(words)
  })
})
