// SPDX-License-Identifier: Apache-2.0
import { computed, onScopeDispose, ref } from 'vue'
import { NoAnswer, Refusal } from '@/api/client'
import { socketAddress } from '@/api/tickets'
import { i18n, said, sayFailure } from '@/i18n'
import { stopTalk, takeLoudspeaker, type TalkPass } from './api'
import type { News, Told } from './line'
import { Microphone, NoMicrophone } from './microphone'
import { ThreadedLine, type TalkLine } from './threadedLine'

export type TalkState = 'idle' | 'calling' | 'speaking' | 'ending'

export const longest_s = 30
/** A talk that says nothing any more is over, whatever became of its news. */
const patience_ms = 5000

const just_now_ms = 3000
const pauses_ms = [150, 300, 500]

type Microphones = Pick<Microphone, 'listen' | 'rests' | 'close'>

/** Hold to talk: from the press to the loudspeaker's own word that it was heard. */
export function useTalk(microphone: Microphones = new Microphone(), lineTo: (tell: (told: Told) => void) => TalkLine = (tell) => new ThreadedLine(tell)) {
  const state = ref<TalkState>('idle')
  const trouble = ref('')
  /** The refusal's code, where a reason would let one speak all the same. */
  const wants_reason = ref(false)
  const told = ref('')
  const level = ref(0)
  const seconds = ref(0)
  const { t } = i18n.global
  let turn = 0
  let ended_ms = 0
  let clock: ReturnType<typeof setInterval> | undefined
  let giving_up: ReturnType<typeof setTimeout> | undefined
  const line = lineTo(heard)

  /** The key went down. Sound is taken from this moment on, whatever else is not ready yet. */
  async function press(loudspeaker: string, matter: string | null, reason = ''): Promise<void> {
    if (state.value !== 'idle') return
    const mine = (turn += 1)
    trouble.value = told.value = ''
    wants_reason.value = false
    seconds.value = 0
    state.value = 'calling'
    line.begin(mine)
    try {
      // A microphone that is open already costs no time; one that asks for leave holds no horn.
      await microphone.listen(() => line.ear())
      if (mine !== turn) return
      const ticket = await take(loudspeaker, matter, reason)
      if (mine !== turn) return void stopTalk(ticket.talk).catch(() => undefined)
      line.connect(socketAddress(ticket))
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

  function heard(told: Told): void {
    if (told.turn !== turn || state.value === 'idle') return
    if ('news' in told) news(told.news)
    else if ('lost' in told) fail(t('ptt.lost'))
    else if (state.value !== 'ending') level.value = told.level
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
    level.value = 0
    state.value = 'ending'
    microphone.rests()
    line.order('release')
    giving_up = setTimeout(() => fail(t('ptt.lost')), patience_ms)
  }

  /** Silence, now. */
  function stop(): void {
    if (state.value === 'idle') return
    line.order('stop')
    finish()
    told.value = t('ptt.stopped')
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
    microphone.rests()
    line.end()
  }

  function words(error: unknown): string {
    if (error instanceof NoMicrophone) return t(`ptt.microphone.${error.trouble}`)
    return error instanceof Refusal || error instanceof NoAnswer ? sayFailure(error) : t('ptt.lost')
  }

  onScopeDispose(() => {
    if (state.value !== 'idle') stop()
    microphone.close()
    line.close()
  })
  return { state, trouble, told, wants_reason, level, seconds, busy: computed(() => state.value !== 'idle'), press, release, stop }
}
