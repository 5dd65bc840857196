// SPDX-License-Identifier: Apache-2.0
import type { Line, Told } from './line'
import type { Order } from './line.worker'
import LineWorker from './line.worker?worker'

/** What a talk asks of its line. */
export type TalkLine = Pick<Line, 'begin' | 'connect' | 'order' | 'end'> & {
  /** Where the microphone puts its frames, handed over with the first talk. */
  ear: () => MessagePort
  close: () => void
}

/** A line in a thread of its own. The page asks, and is told. */
export class ThreadedLine implements TalkLine {
  private worker: Worker | null = null

  constructor(private readonly tell: (told: Told) => void) {}

  /** A fresh way from the microphone to the thread; the caller gives it on. */
  ear(): MessagePort {
    const { port1, port2 } = new MessageChannel()
    this.say({ ear: port1 }, [port1])
    return port2
  }

  begin(turn: number): void {
    this.say({ begin: turn })
  }

  connect(address: string): void {
    this.say({ connect: address })
  }

  order(words: 'release' | 'stop'): void {
    this.say({ order: words })
  }

  end(): void {
    if (this.worker) this.say({ end: true })
  }

  close(): void {
    this.worker?.terminate()
    this.worker = null
  }

  private say(order: Order, given: Transferable[] = []): void {
    if (!this.worker) {
      this.worker = new LineWorker()
      this.worker.onmessage = (event: MessageEvent<Told>) => this.tell(event.data)
    }
    this.worker.postMessage(order, given)
  }
}
