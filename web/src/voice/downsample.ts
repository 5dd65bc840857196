// SPDX-License-Identifier: Apache-2.0

/** What loudspeakers speak: telephone sound. */
export const rate_hz = 8000
export const frame_samples = 160

// A little under half the rate, so that the filter's slope lies below it.
const cutoff_hz = 3600
/** Zero crossings of the kernel on each side, and how finely it is tabled between two of them. */
const crossings = 12
const steps = 256

/**
 * Brings sound from a microphone's rate down to 8 kHz: a windowed sinc, so that what lies above
 * the new band is gone instead of folded into it.
 */
export class Downsampler {
  private readonly ratio: number
  private readonly reach: number
  private readonly kernel: Float32Array
  private history: Float32Array
  /** Where in the history the next sample of ours lies. */
  private at: number

  constructor(from_hz: number) {
    this.ratio = from_hz / rate_hz
    const width = from_hz / (2 * cutoff_hz)
    this.reach = Math.ceil(crossings * width)
    this.kernel = Float32Array.from({ length: crossings * steps + 2 }, (_, i) => kernelAt(i / steps) / width)
    this.history = new Float32Array(this.reach)
    this.at = this.reach
  }

  /** The samples that are complete now, -1..1. */
  push(block: Float32Array): Float32Array {
    const all = new Float32Array(this.history.length + block.length)
    all.set(this.history)
    all.set(block, this.history.length)
    const out: number[] = []
    while (this.at + this.reach < all.length) {
      out.push(this.sample(all))
      this.at += this.ratio
    }
    const kept = Math.max(0, Math.floor(this.at) - this.reach)
    this.history = all.slice(kept)
    this.at -= kept
    return Float32Array.from(out)
  }

  private sample(all: Float32Array): number {
    const width = this.reach / crossings
    let sum = 0
    for (let i = Math.ceil(this.at) - this.reach; i <= this.at + this.reach; i += 1) {
      const step = Math.round((Math.abs(i - this.at) / width) * steps)
      sum += (all[i] ?? 0) * (this.kernel[step] ?? 0)
    }
    return sum
  }
}

/** A sinc under a Hann window; `x` in zero crossings from the middle. */
function kernelAt(x: number): number {
  if (x >= crossings) return 0
  const sinc = x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x)
  return sinc * (0.5 + 0.5 * Math.cos((Math.PI * x) / crossings))
}
