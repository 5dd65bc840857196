// SPDX-License-Identifier: Apache-2.0
// A thread of its own for a voice: a page that is busy drawing neither delays nor cuts it.
import { Line, type Told } from './line'

export type Order = { ear: MessagePort } | { begin: number } | { connect: string } | { order: 'release' | 'stop' } | { end: true }

const page = self as unknown as { postMessage: (told: Told) => void; onmessage: ((event: MessageEvent<Order>) => void) | null }
const line = new Line((told) => page.postMessage(told))

page.onmessage = ({ data }) => {
  if ('ear' in data) data.ear.onmessage = (event: MessageEvent<Int16Array>) => line.heard(event.data)
  else if ('begin' in data) line.begin(data.begin)
  else if ('connect' in data) line.connect(data.connect)
  else if ('order' in data) line.order(data.order)
  else line.end()
}
