// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest'
import { Downsampler, rate_hz } from './downsample'

function tone(pitch_hz: number, from_hz: number, length_s = 0.5): Float32Array {
  return Float32Array.from({ length: from_hz * length_s }, (_, i) => 0.5 * Math.sin((2 * Math.PI * pitch_hz * i) / from_hz))
}

/** In blocks of 128, as an audio worklet gets them. */
function lowered(sound: Float32Array, from_hz: number): Float32Array {
  const downsampler = new Downsampler(from_hz)
  const out: number[] = []
  for (let i = 0; i < sound.length; i += 128) out.push(...downsampler.push(sound.subarray(i, i + 128)))
  return Float32Array.from(out)
}

const loudness = (sound: Float32Array) => Math.sqrt(sound.reduce((sum, x) => sum + x * x, 0) / sound.length)
const middle = (sound: Float32Array) => sound.subarray(200, sound.length - 200)

describe.each([48_000, 44_100, 16_000, 8000])('from %i Hz', (from_hz) => {
  it('keeps the length', () => {
    expect(lowered(tone(440, from_hz), from_hz).length).toBeGreaterThan(0.5 * rate_hz - 80)
    expect(lowered(tone(440, from_hz), from_hz).length).toBeLessThanOrEqual(0.5 * rate_hz)
  })

  it.each([200, 1000, 3000])('keeps a tone of %i Hz as loud as it is', (pitch_hz) => {
    expect(loudness(middle(lowered(tone(pitch_hz, from_hz), from_hz)))).toBeCloseTo(0.5 / Math.SQRT2, 1)
  })

  it('keeps the pitch', () => {
    const sound = middle(lowered(tone(1000, from_hz), from_hz))
    const crossings = sound.filter((x, i) => i > 0 && x >= 0 && (sound[i - 1] ?? 0) < 0).length
    expect(Math.abs((crossings * rate_hz) / sound.length - 1000)).toBeLessThan(5)
  })
})

it('lets nothing above its band fold into it', () => {
  for (const pitch_hz of [5000, 7000, 12_000]) expect(loudness(middle(lowered(tone(pitch_hz, 48_000), 48_000)))).toBeLessThan(0.005)
})
