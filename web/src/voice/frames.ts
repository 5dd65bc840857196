// SPDX-License-Identifier: Apache-2.0
import { frame_samples } from './downsample'

export const frame_bytes = 4 + 2 * frame_samples

/** One frame for the wire: its number, then 20 ms of int16 at 8 kHz, little-endian. */
export function wireFrame(number: number, sound: Int16Array): ArrayBuffer {
  const frame = new ArrayBuffer(frame_bytes)
  const view = new DataView(frame)
  view.setUint32(0, number)
  sound.forEach((sample, i) => view.setInt16(4 + 2 * i, sample, true))
  return frame
}

/** How full a level meter stands, 0..1, of samples -32768..32767; each tenth is 5 dB. */
export function levelOf(sound: Int16Array): number {
  const power = sound.reduce((sum, sample) => sum + sample * sample, 0) / sound.length
  return Math.min(1, Math.max(0, 1 + (20 * Math.log10(Math.sqrt(power) / 32768 + 1e-6)) / 50))
}
