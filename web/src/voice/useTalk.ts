// SPDX-License-Identifier: Apache-2.0
import { computed, onScopeDispose, ref, shallowRef } from 'vue'
import { NoAnswer, Refusal, type Words } from '@/api/client'
import { socketAddress } from '@/api/tickets'
import { i18n, said, sayFailure } from '@/i18n'
import { stopTalk, takeLoudspeaker, type TalkPass } from './api'
import { levelOf, wireFrame } from './frames'
import { Microphone, NoMicrophone } from './microphone'

export type TalkState = 'idle' | 'calling' | 'speaking' | 'ending'

type News = {
  kind: 'calling' | 'speaking' | 'over' | 'refused'
  message?: Words
  why?: 'released' | 'stopped' | 'lost' | 'limit'
  heard?: boolean | null
  seconds?: number
}

export const longest_s = 30
/** What may wait for the socket: one second. */
const most_waiting = 50
const most_unsent_bytes = 50 * 324
/** A talk that says nothing any more is over, whatever became of its news. */
const patience_ms = 5000

const just_now_ms = 3000
const pauses_ms = [150, 300, 500]

type Microphones = Pick<Microphone, 'listen' | 'deafen' | 'close'>

/** Hold to talk: from the press to the loudspeaker's own word that it was heard. */
export function useTalk(microphone: Microphones = new Microphone()) {
  const state = ref<TalkState>('idle')
  const trouble = ref('')
  /** The refusal's code, where a reason would let one speak all the same. */
  const wants_reason = ref(false)
  const told = ref('')
  const level = ref(0)
  const seconds = ref(0)
  const socket = shallowRef<WebSocket | null>(null)
  const { t } = i18n.global
  let turn = 0
  let ended_ms = 0
  let released = false
  let number = 0
  let waiting: ArrayBuffer[] = []
  let clock: ReturnType<typeof setInterval> | undefined
  let giving_up: ReturnType<typeof setTimeout> | undefined

  /** The key went down. Sound is taken from this moment on, whatever else is not ready yet. */
  async function press(loudspeaker: string, matter: string | null, reason = ''): Promise<void> {
    if (state.value !== 'idle') return
    const mine = (turn += 1)
    released = false
    number = 0
    waiting = []
    trouble.value = told.value = ''
    wants_reason.value = false
    seconds.value = 0
    state.value = 'calling'
    try {
      // A microphone that is open already costs no time; one that asks for leave holds no horn.
      await microphone.listen((frame) => mine === turn && heard(frame))
      if (mine !== turn) return
      const ticket = await take(loudspeaker, matter, reason)
      if (mine !== turn) return void stopTalk(ticket.talk).catch(() => undefined)
      connect(mine, socketAddress(ticket))
    } catch (error) {
      if (mine === turn) fail(words(error))
      wants_reason.value = error instanceof Refusal && error.code === 'voice.quiet_hours'
    }
  }

  /** Our own last talk is still being hung up now and then: wait for it while the sound is kept. */
  async function take(loudspeaker: string, matter: string | null, reason: string): Promise<TalkPass> {
    for (const pause_ms of Date.now() - ended_ms < just_now_ms ? pauses_ms : []) {
      try {
        return await takeLoudspeaker(loudspeaker, matter, reason)
      } catch (error) {
        if (!(error instanceof Refusal) || !error.code.startsWith('voice.talk_taken')) throw error
        await new Promise((done) => setTimeout(done, pause_ms))
      }
    }
    return takeLoudspeaker(loudspeaker, matter, reason)
  }

  function connect(mine: number, address: string): void {
    const opened = new WebSocket(address)
    opened.binaryType = 'arraybuffer'
    opened.onopen = () => {
      if (mine !== turn) return opened.close()
      waiting.forEach((frame) => opened.send(frame))
      waiting = []
      if (released) opened.send('release')
    }
    opened.onmessage = (event: MessageEvent<string>) => mine === turn && news(JSON.parse(event.data) as News)
    opened.onclose = () => mine === turn && state.value !== 'idle' && fail(t('ptt.lost'))
    socket.value = opened
  }

  function heard(frame: Int16Array): void {
    if (released) return
    level.value = levelOf(frame)
    const wire = wireFrame(number, frame)
    number += 1
    const open = socket.value
    if (open?.readyState === WebSocket.OPEN) {
      // An old word is of no use: what the network does not take is left out.
      if (open.bufferedAmount < most_unsent_bytes) open.send(wire)
    } else {
      if (waiting.length >= most_waiting) waiting.shift()
      waiting.push(wire)
    }
  }

  function news(one: News): void {
    if (one.kind === 'speaking') {
      if (state.value === 'calling') state.value = 'speaking'
      clearInterval(clock)
      const begun_ms = Date.now()
      clock = setInterval(() => (seconds.value = Math.min(longest_s, Math.round((Date.now() - begun_ms) / 1000))), 250)
    }
    if (one.kind === 'refused') fail(said(one.message))
    if (one.kind === 'over') {
      finish()
      if (one.heard === false) trouble.value = t('ptt.not_heard')
      else if (one.why === 'lost') trouble.value = t('ptt.lost')
      else told.value = t(one.why === 'limit' ? 'ptt.limit' : 'ptt.over', { n: one.seconds ?? 0 })
    }
  }

  /** The key came up: what was said is still passed on. */
  function release(): void {
    if (state.value !== 'calling' && state.value !== 'speaking') return
    released = true
    level.value = 0
    state.value = 'ending'
    microphone.deafen()
    order('release')
    giving_up = setTimeout(() => fail(t('ptt.lost')), patience_ms)
  }

  /** Silence, now. */
  function stop(): void {
    if (state.value === 'idle') return
    order('stop')
    finish()
    told.value = t('ptt.stopped')
  }

  function order(words: 'release' | 'stop'): void {
    if (socket.value?.readyState === WebSocket.OPEN) socket.value.send(words)
  }

  function fail(why: string): void {
    finish()
    trouble.value = why
  }

  function finish(): void {
    turn += 1
    ended_ms = Date.now()
    clearInterval(clock)
    clearTimeout(giving_up)
    state.value = 'idle'
    level.value = 0
    waiting = []
    microphone.deafen()
    socket.value?.close()
    socket.value = null
  }

  function words(error: unknown): string {
    if (error instanceof NoMicrophone) return t(`ptt.microphone.${error.trouble}`)
    return error instanceof Refusal || error instanceof NoAnswer ? sayFailure(error) : t('ptt.lost')
  }

  onScopeDispose(() => {
    if (state.value !== 'idle') stop()
    microphone.close()
  })
  return { state, trouble, told, wants_reason, level, seconds, busy: computed(() => state.value !== 'idle'), press, release, stop }
}
