// SPDX-License-Identifier: Apache-2.0
import { expect, it } from 'vitest'
import { frame_samples } from './downsample'
import { frame_bytes, levelOf, wireFrame } from './frames'

it('says its number in network order and its samples the other way round', () => {
  const sound = new Int16Array(frame_samples)
  sound[0] = -2
  sound[159] = 258
  const frame = new Uint8Array(wireFrame(258, sound))
  expect(frame.length).toBe(frame_bytes)
  expect([...frame.subarray(0, 6)]).toEqual([0, 0, 1, 2, 254, 255])
  expect([...frame.subarray(322)]).toEqual([2, 1])
})

it('shows silence as nothing, full loudness as everything, and speech between', () => {
  expect(levelOf(new Int16Array(160))).toBe(0)
  expect(levelOf(new Int16Array(160).fill(32767))).toBeCloseTo(1, 2)
  const speech = levelOf(new Int16Array(160).fill(2000))
  expect(speech).toBeGreaterThan(0.4)
  expect(speech).toBeLessThan(0.7)
})
