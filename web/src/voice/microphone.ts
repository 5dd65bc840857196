// SPDX-License-Identifier: Apache-2.0
import capture from './capture.worklet.ts?worker&url'

export type MicrophoneTrouble = 'denied' | 'missing' | 'insecure' | 'broken'

/** The microphone cannot be used, and why. */
export class NoMicrophone extends Error {
  constructor(readonly trouble: MicrophoneTrouble) {
    super(trouble)
  }
}

const keep_ms = 20_000

/**
 * The microphone, opened with the first press and let go 20 s after the last, so that the next
 * press need not wait for it. Its frames go from the audio thread to the ear, not by this page.
 */
export class Microphone {
  private context: AudioContext | null = null
  private stream: MediaStream | null = null
  private opening: Promise<void> | null = null
  private rest: ReturnType<typeof setTimeout> | undefined

  /** Hand every 20 ms to the ear, which is asked for when the microphone is opened; throws NoMicrophone. */
  async listen(ear: () => MessagePort): Promise<void> {
    clearTimeout(this.rest)
    this.opening ??= this.open(ear)
    try {
      await this.opening
      await this.context?.resume()
    } catch (error) {
      this.close()
      throw error instanceof NoMicrophone ? error : new NoMicrophone(troubleOf(error))
    }
  }

  /** Not needed for now. */
  rests(): void {
    clearTimeout(this.rest)
    this.rest = setTimeout(() => this.close(), keep_ms)
  }

  close(): void {
    clearTimeout(this.rest)
    this.opening = null
    this.stream?.getTracks().forEach((track) => track.stop())
    void this.context?.close()
    this.stream = this.context = null
  }

  private async open(ear: () => MessagePort): Promise<void> {
    if (!navigator.mediaDevices) throw new NoMicrophone('insecure')
    const stream = await navigator.mediaDevices.getUserMedia({
      audio: { channelCount: 1, echoCancellation: true, noiseSuppression: true, autoGainControl: true },
    })
    this.stream = stream
    // A microphone that is pulled out is asked for anew with the next press.
    stream.getAudioTracks().forEach((track) => track.addEventListener('ended', () => this.close()))
    const context = (this.context = new AudioContext())
    await context.audioWorklet.addModule(capture)
    const node = new AudioWorkletNode(context, 'capture', { numberOfOutputs: 0 })
    const port = ear()
    node.port.postMessage(port, [port])
    context.createMediaStreamSource(stream).connect(node)
  }
}

function troubleOf(error: unknown): MicrophoneTrouble {
  const name = error instanceof DOMException ? error.name : ''
  if (name === 'NotAllowedError' || name === 'SecurityError') return 'denied'
  return name === 'NotFoundError' ? 'missing' : 'broken'
}
