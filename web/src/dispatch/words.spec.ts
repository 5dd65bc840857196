// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest'
import { fixWords, travelText } from './words'

describe('how well we know where somebody is', () => {
  it('tells a fresh fix from an old one', () => {
    expect(fixWords({ fix_source: 'fix', fix_age_s: 12 })).toBe('刚刚定位')
    expect(fixWords({ fix_source: 'fix', fix_age_s: 600 })).toBe('位置 10 分钟前')
  })

  it('never lets a post or a check-in pass as a position', () => {
    expect(fixWords({ fix_source: 'post', fix_age_s: null })).toBe('按岗位估计')
    expect(fixWords({ fix_source: 'checkin', fix_age_s: 1800 })).toBe('按签到点（30 分钟前）')
  })
})

describe('travel time', () => {
  it.each([[4, '10 秒'], [110, '1 分 50 秒'], [120, '2 分'], [640, '11 分']])('%i s reads %s', (s, words) => {
    expect(travelText(s)).toBe(words)
  })
})
