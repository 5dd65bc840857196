// SPDX-License-Identifier: Apache-2.0
import type { Words } from '@/api/client'
import { levelOf, wireFrame } from './frames'

export type News = {
  kind: 'calling' | 'speaking' | 'over' | 'refused'
  message?: Words
  why?: 'released' | 'stopped' | 'lost' | 'limit'
  heard?: boolean | null
  seconds?: number
}

/** What a line tells of itself, and in which turn: words may pass each other between threads. */
export type Told = { turn: number } & ({ news: News } | { lost: true } | { level: number })

/** What waits for the socket at most: one second of frames, of 20 ms each. */
const most_waiting = 50
const most_unsent_bytes = 50 * 324
/** The meter moves ten times a second. */
const frames_a_level = 5

/** A voice on its way out: numbers its frames and sends them. Runs where no page can hold it up. */
export class Line {
  private socket: WebSocket | null = null
  private waiting: ArrayBuffer[] = []
  private turn = 0
  private number = 0
  private hearing = false
  private released = false

  constructor(private readonly tell: (told: Told) => void) {}

  /** Sound is taken from here on, whatever else is not ready yet. */
  begin(turn: number): void {
    this.end()
    this.turn = turn
    this.number = 0
    this.hearing = true
    this.released = false
  }

  heard(frame: Int16Array): void {
    if (!this.hearing) return
    if (this.number % frames_a_level === 0) this.tell({ turn: this.turn, level: levelOf(frame) })
    const wire = wireFrame(this.number, frame)
    this.number += 1
    if (this.socket?.readyState === WebSocket.OPEN) {
      // An old word is of no use: what the network does not take is left out.
      if (this.socket.bufferedAmount < most_unsent_bytes) this.socket.send(wire)
      return
    }
    if (this.waiting.length >= most_waiting) this.waiting.shift()
    this.waiting.push(wire)
  }

  connect(address: string): void {
    const socket = (this.socket = new WebSocket(address))
    socket.onopen = () => {
      if (socket !== this.socket) return socket.close()
      this.waiting.forEach((frame) => socket.send(frame))
      this.waiting = []
      if (this.released) socket.send('release')
    }
    socket.onmessage = (event: MessageEvent<string>) => socket === this.socket && this.tell({ turn: this.turn, news: JSON.parse(event.data) as News })
    socket.onclose = () => socket === this.socket && this.tell({ turn: this.turn, lost: true })
  }

  /** What was said until now is still passed on; `stop` is silence at once. */
  order(words: 'release' | 'stop'): void {
    this.hearing = false
    this.released ||= words === 'release'
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(words)
  }

  end(): void {
    const socket = this.socket
    this.socket = null
    this.hearing = false
    this.waiting = []
    socket?.close()
  }
}
