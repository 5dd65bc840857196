// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest'
import { liveStep, parseVideoText } from './protocol'

describe('staying live', () => {
  it('begins at the newest piece, wherever the stream began', () => {
    expect(liveStep(0, { start_s: 4000, end_s: 4002 }).jump_to_s).toBeCloseTo(4001.7)
  })

  it('jumps when far behind, hurries when a little behind, else runs as it is', () => {
    expect(liveStep(10, { start_s: 8, end_s: 13 }).jump_to_s).toBeCloseTo(12.7)
    expect(liveStep(10, { start_s: 8, end_s: 10.8 })).toEqual({ jump_to_s: null, rate: 1.08 })
    expect(liveStep(10, { start_s: 8, end_s: 10.3 })).toEqual({ jump_to_s: null, rate: 1 })
  })
})

describe('what the video socket says', () => {
  it('is a head or a trouble; anything else is nothing', () => {
    expect(parseVideoText('{"mime":"video/mp4","width":1,"height":1}')).toMatchObject({ mime: 'video/mp4' })
    expect(parseVideoText('{"code":"camera.unreachable","why":""}')).toEqual({ code: 'camera.unreachable' })
    expect(parseVideoText('<html>')).toBeNull()
  })
})
