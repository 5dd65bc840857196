// SPDX-License-Identifier: Apache-2.0
import { liveStep, type VideoHead } from './protocol'

const kept_s = 12

/** Feeds one <video> from fragments, through Media Source Extensions. Knows no socket. */
export class FragmentPlayer {
  private source: MediaSource | null = null
  private buffer: SourceBuffer | null = null
  private waiting: ArrayBuffer[] = []
  private address = ''
  private zero_ms: number | null = null

  constructor(private readonly video: HTMLVideoElement, private readonly failed: () => void) {}

  static canPlay(mime: string): boolean {
    return typeof MediaSource !== 'undefined' && MediaSource.isTypeSupported(mime)
  }

  begin(head: VideoHead): void {
    this.end()
    const source = (this.source = new MediaSource())
    this.zero_ms = head.at === undefined ? null : Date.parse(head.at)
    this.address = URL.createObjectURL(source)
    this.video.src = this.address
    source.addEventListener('sourceopen', () => {
      if (source !== this.source) return
      try {
        this.buffer = source.addSourceBuffer(head.mime)
        this.buffer.addEventListener('updateend', () => this.pump())
        this.pump()
      } catch {
        this.failed()
      }
    }, { once: true })
  }

  push(piece: ArrayBuffer): void {
    if (!this.source) return
    this.waiting.push(piece)
    this.pump()
  }

  /** When the shown picture was taken, in ms since the epoch; null while that is not known. */
  shown_ms(): number | null {
    return this.zero_ms === null || this.video.readyState < 2 ? null : this.zero_ms + this.video.currentTime * 1000
  }

  end(): void {
    this.source = null
    this.buffer = null
    this.waiting = []
    if (this.address) URL.revokeObjectURL(this.address)
    this.address = ''
  }

  private pump(): void {
    const buffer = this.buffer
    if (!buffer || buffer.updating || this.source?.readyState !== 'open') return
    try {
      this.stayLive(buffer)
      if (this.trim(buffer)) return
      const piece = this.waiting.shift()
      if (piece) buffer.appendBuffer(piece)
    } catch {
      this.failed()
    }
  }

  private stayLive(buffer: SourceBuffer): void {
    const ranges = buffer.buffered
    if (ranges.length === 0) return
    const last = ranges.length - 1
    const step = liveStep(this.video.currentTime, { start_s: ranges.start(last), end_s: ranges.end(last) })
    if (step.jump_to_s !== null) this.video.currentTime = step.jump_to_s
    this.video.playbackRate = step.rate
    // Muted video may always play; a refusal means the page is hidden and it will be asked again.
    if (this.video.paused) this.video.play().catch(() => undefined)
  }

  private trim(buffer: SourceBuffer): boolean {
    const ranges = buffer.buffered
    if (ranges.length === 0 || this.video.currentTime - ranges.start(0) < kept_s * 2) return false
    buffer.remove(ranges.start(0), this.video.currentTime - kept_s)
    return true
  }
}
