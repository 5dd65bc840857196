// SPDX-License-Identifier: Apache-2.0
// Runs on the browser's audio thread: cuts the microphone's sound into frames for the wire.
import { Downsampler, frame_samples } from './downsample'

declare const sampleRate: number
declare abstract class AudioWorkletProcessor {
  readonly port: MessagePort
  abstract process(inputs: Float32Array[][]): boolean
}
declare function registerProcessor(name: string, processor: new () => AudioWorkletProcessor): void

class Capture extends AudioWorkletProcessor {
  private readonly downsampler = new Downsampler(sampleRate)
  private frame = new Int16Array(frame_samples)
  private filled = 0
  private ear: MessagePort | null = null

  constructor() {
    super()
    this.port.onmessage = (event: MessageEvent<MessagePort>) => (this.ear = event.data)
  }

  override process(inputs: Float32Array[][]): boolean {
    const channel = inputs[0]?.[0]
    if (!channel) return true
    for (const sample of this.downsampler.push(channel)) {
      this.frame[this.filled] = Math.max(-1, Math.min(1, sample)) * 32767
      this.filled += 1
      if (this.filled === frame_samples) this.send()
    }
    return true
  }

  private send(): void {
    this.ear?.postMessage(this.frame, [this.frame.buffer])
    this.frame = new Int16Array(frame_samples)
    this.filled = 0
  }
}

registerProcessor('capture', Capture)
