// SPDX-License-Identifier: Apache-2.0
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { effectScope, type EffectScope } from 'vue'
import { Refusal } from '@/api/client'
import * as api from './api'
import { Line } from './line'
import { NoMicrophone } from './microphone'
import { useTalk } from './useTalk'

class FakeSocket {
  static readonly OPEN = 1
  static last: FakeSocket | null = null
  readyState = 0
  bufferedAmount = 0
  binaryType = ''
  sent: unknown[] = []
  onopen = () => {}
  onclose = () => {}
  onmessage: (event: { data: string }) => void = () => {}
  constructor(readonly address: string) {
    FakeSocket.last = this
  }
  send(message: unknown): void {
    this.sent.push(message)
  }
  close(): void {
    this.readyState = 3
    this.onclose()
  }
  opens(): void {
    this.readyState = 1
    this.onopen()
  }
  says(news: object): void {
    this.onmessage({ data: JSON.stringify(news) })
  }
}

const pass = { talk: 't1', ticket: 'x', url: 'http://127.0.0.1:1/talk?ticket=x' }
const frame = () => new Int16Array(160).fill(5000)
const microphone = { hear: (() => {}) as (frame: Int16Array) => void, listen: vi.fn(), rests: vi.fn(), close: vi.fn() }

let late: ConstructorParameters<typeof Line>[0]

/** The line without its thread. */
function here(tell: ConstructorParameters<typeof Line>[0]) {
  late = tell
  const line = new Line(tell)
  microphone.hear = (sound) => line.heard(sound)
  return Object.assign(line, { ear: () => new MessageChannel().port1, close: () => line.end() })
}

let scope: EffectScope
let talk: ReturnType<typeof useTalk>

const settle = () => new Promise((done) => setTimeout(done))
const numbers = () => FakeSocket.last?.sent.map((one) => (typeof one === 'string' ? one : new DataView(one as ArrayBuffer).getUint32(0)))

beforeEach(() => {
  vi.stubGlobal('WebSocket', FakeSocket)
  FakeSocket.last = null
  microphone.listen.mockReset().mockResolvedValue(undefined)
  vi.spyOn(api, 'takeLoudspeaker').mockResolvedValue(pass)
  vi.spyOn(api, 'stopTalk').mockResolvedValue({ announcement: 'a1' })
  scope = effectScope()
  talk = scope.run(() => useTalk(microphone, here))!
})
afterEach(() => {
  scope.stop()
  vi.unstubAllGlobals()
})

it('keeps what is said before the socket opens, then sends as it comes, and says when the key came up', async () => {
  void talk.press('horn', 'm1')
  await settle()
  microphone.hear(frame())
  microphone.hear(frame())
  FakeSocket.last?.opens()
  microphone.hear(frame())
  FakeSocket.last?.says({ kind: 'speaking' })
  expect(talk.state.value).toBe('speaking')
  expect(talk.level.value).toBeGreaterThan(0.5)
  talk.release()
  microphone.hear(frame())
  expect(numbers()).toEqual([0, 1, 2, 'release'])
  FakeSocket.last?.says({ kind: 'over', why: 'released', seconds: 1.2, heard: true })
  expect([talk.state.value, talk.trouble.value]).toEqual(['idle', ''])
  expect(talk.told.value).toContain('1.2')
})

it('keeps no more than a second, and loses the oldest', async () => {
  void talk.press('horn', null)
  await settle()
  for (let i = 0; i < 60; i += 1) microphone.hear(frame())
  FakeSocket.last?.opens()
  expect(numbers()?.length).toBe(50)
  expect(numbers()?.[0]).toBe(10)
})

it('leaves out what the network does not take', async () => {
  void talk.press('horn', null)
  await settle()
  FakeSocket.last?.opens()
  FakeSocket.last!.bufferedAmount = 1e6
  microphone.hear(frame())
  FakeSocket.last!.bufferedAmount = 0
  microphone.hear(frame())
  expect(numbers()).toEqual([1])
})

it('says a short word though the key was let go before the socket opened', async () => {
  void talk.press('horn', null)
  await settle()
  microphone.hear(frame())
  talk.release()
  FakeSocket.last?.opens()
  expect(numbers()).toEqual([0, 'release'])
})

it('is silent at once on a stop', async () => {
  void talk.press('horn', null)
  await settle()
  FakeSocket.last?.opens()
  talk.stop()
  expect(numbers()).toEqual(['stop'])
  expect([talk.state.value, FakeSocket.last?.readyState]).toEqual(['idle', 3])
})

it('gives the loudspeaker back when it was stopped before the pass came', async () => {
  let give: (pass_: typeof pass) => void = () => {}
  vi.spyOn(api, 'takeLoudspeaker').mockReturnValueOnce(new Promise((done) => (give = done)))
  const press = talk.press('horn', null)
  await settle()
  talk.stop()
  give(pass)
  await press
  expect(api.stopTalk).toHaveBeenCalledWith('t1')
  expect(FakeSocket.last).toBeNull()
})

it('waits a moment for its own last talk to be hung up', async () => {
  void talk.press('horn', null)
  await settle()
  talk.stop()
  const first = FakeSocket.last
  vi.useFakeTimers()
  vi.spyOn(api, 'takeLoudspeaker').mockRejectedValueOnce(new Refusal(409, 'voice.talk_taken', null, {}))
  void talk.press('horn', null)
  await vi.advanceTimersByTimeAsync(200)
  vi.useRealTimers()
  expect(talk.state.value).toBe('calling')
  expect(FakeSocket.last).not.toBe(first)
})

it('says who speaks there, and that a reason would help in quiet hours', async () => {
  vi.spyOn(api, 'takeLoudspeaker').mockRejectedValueOnce(new Refusal(409, 'voice.talk_taken', { 'zh-CN': '王某正在讲话', en: 'x' }, {}))
  await talk.press('horn', null)
  expect([talk.state.value, talk.trouble.value, talk.wants_reason.value]).toEqual(['idle', '王某正在讲话', false])
  vi.spyOn(api, 'takeLoudspeaker').mockRejectedValueOnce(new Refusal(409, 'voice.quiet_hours', { 'zh-CN': '静音', en: 'x' }, {}))
  await talk.press('horn', null)
  expect(talk.wants_reason.value).toBe(true)
})

it('takes no loudspeaker when the browser gives no microphone, and says why', async () => {
  microphone.listen.mockRejectedValueOnce(new NoMicrophone('denied'))
  await talk.press('horn', null)
  await settle()
  expect(talk.trouble.value).toContain('话筒')
  expect(api.takeLoudspeaker).not.toHaveBeenCalled()
})

it('says it when the line is lost, and when the loudspeaker got nothing', async () => {
  void talk.press('horn', null)
  await settle()
  FakeSocket.last?.opens()
  FakeSocket.last?.close()
  expect(talk.trouble.value).toContain('连接中断')
  void talk.press('horn', null)
  await settle()
  FakeSocket.last?.opens()
  FakeSocket.last?.says({ kind: 'over', why: 'released', heard: false, seconds: 2 })
  expect(talk.trouble.value).toContain('没有收到声音')
})

it('shows why the loudspeaker does not take the call', async () => {
  void talk.press('horn', null)
  await settle()
  FakeSocket.last?.opens()
  FakeSocket.last?.says({ kind: 'refused', code: 'voice.busy', message: { 'zh-CN': '喇叭正忙', en: 'x' } })
  expect([talk.state.value, talk.trouble.value]).toEqual(['idle', '喇叭正忙'])
})

it('hears nothing of an earlier turn, whose words were still on their way', async () => {
  void talk.press('horn', null)
  await settle()
  talk.stop()
  void talk.press('horn', null)
  await settle()
  late({ turn: 1, lost: true })
  expect([talk.state.value, talk.trouble.value]).toEqual(['calling', ''])
})
