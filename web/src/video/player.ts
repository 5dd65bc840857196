// SPDX-License-Identifier: Apache-2.0
import { liveStep, type VideoHead } from './protocol'

const kept_s = 12
const jump_pause_ms = 1000

/** Pieces that waited together go in together: a machine that is behind catches up in one step. */
function joined(pieces: readonly ArrayBuffer[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.byteLength, 0))
  let at = 0
  for (const piece of pieces) {
    whole.set(new Uint8Array(piece), at)
    at += piece.byteLength
  }
  return whole
}

/** Feeds one <video> from fragments, through Media Source Extensions. Knows no socket. */
export class FragmentPlayer {
  private source: MediaSource | null = null
  private buffer: SourceBuffer | null = null
  private waiting: ArrayBuffer[] = []
  private address = ''
  private zero_ms: number | null = null
  private jumped_ms = 0

  /** `shown` is told of each picture that reached the screen, with its capture time if known. */
  constructor(
    private readonly video: HTMLVideoElement,
    private readonly shown: (captured_ms: number | null) => void,
    private readonly failed: () => void,
  ) {}

  static canPlay(mime: string): boolean {
    return typeof MediaSource !== 'undefined' && MediaSource.isTypeSupported(mime)
  }

  begin(head: VideoHead): void {
    this.end()
    const source = (this.source = new MediaSource())
    this.zero_ms = head.at === undefined ? null : Date.parse(head.at)
    this.follow(source)
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

  // The frame on the screen, not the play head, says how old the picture is.
  private follow(source: MediaSource): void {
    this.video.requestVideoFrameCallback((_now, frame) => {
      if (source !== this.source) return
      this.shown(this.zero_ms === null ? null : this.zero_ms + frame.mediaTime * 1000)
      this.follow(source)
    })
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
      if (this.waiting.length > 0) buffer.appendBuffer(joined(this.waiting.splice(0)))
    } catch {
      this.failed()
    }
  }

  private stayLive(buffer: SourceBuffer): void {
    const ranges = buffer.buffered
    if (ranges.length === 0) return
    const last = ranges.length - 1
    const step = liveStep(this.video.currentTime, { start_s: ranges.start(last), end_s: ranges.end(last) })
    // A machine that cannot keep up must finish one jump before the next, or it never shows a picture.
    if (step.jump_to_s !== null && !this.video.seeking && performance.now() - this.jumped_ms > jump_pause_ms) {
      this.jumped_ms = performance.now()
      this.video.currentTime = step.jump_to_s
    }
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
