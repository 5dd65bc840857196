// SPDX-License-Identifier: Apache-2.0
import { onScopeDispose, ref, watch, type Ref, type ShallowRef } from 'vue'
import { asFailure } from '@/api/client'
import { socketAddress } from '@/api/tickets'
import { openCamera } from '@/cameras/api'
import { sayFailure } from '@/i18n'
import { wordFor } from '@/matters/words'
import { serverNow_ms } from '@/shared/useClock'
import { FragmentPlayer } from './player'
import { parseVideoText } from './protocol'

export type LiveState = 'connecting' | 'live' | 'frozen' | 'offline'

const silence_ms = 5000
const retries_ms = [500, 1000, 2000, 4000, 8000]

/**
 * Live pictures of one camera in one <video>.
 *
 * `delay_s` is honest: the server's clock minus the capture time of the picture on the screen.
 */
export function useLiveVideo(video: Readonly<ShallowRef<HTMLVideoElement | null>>, camera: Ref<string | null>, matter: Ref<string | null>) {
  const state = ref<LiveState>('connecting')
  const trouble = ref('')
  const last_at = ref<string | null>(null)
  const delay_s = ref<number | null>(null)
  const shape = ref({ width: 16, height: 9 })
  let socket: WebSocket | null = null
  let player: FragmentPlayer | null = null
  let retry: ReturnType<typeof setTimeout> | undefined
  let tries = 0
  let heard_ms = 0
  let shown_ms = 0
  let opened_ms = 0
  let turn = 0

  async function start(): Promise<void> {
    const mine = (turn += 1)
    const id = camera.value
    if (id === null || document.hidden) return
    try {
      const ticket = await openCamera(id, matter.value === null ? 'duty' : 'incident', matter.value)
      if (mine !== turn) return
      const opened = new WebSocket(socketAddress(ticket))
      opened.binaryType = 'arraybuffer'
      opened.onmessage = (event: MessageEvent<string | ArrayBuffer>) => opened === socket && heard(event.data)
      opened.onclose = () => opened === socket && again()
      heard_ms = opened_ms = Date.now()
      socket = opened
    } catch (error) {
      if (mine !== turn) return
      trouble.value = sayFailure(asFailure(error))
      state.value = 'offline'
      again()
    }
  }

  function heard(data: string | ArrayBuffer): void {
    if (typeof data !== 'string') {
      heard_ms = Date.now()
      return player?.push(data)
    }
    const message = parseVideoText(data)
    if (!message) return
    if ('code' in message) return off(wordFor('trouble', message.code))
    if (!video.value || !FragmentPlayer.canPlay(message.mime)) return off(wordFor('trouble', 'video.codec'))
    shape.value = { width: message.width, height: message.height }
    player?.end()
    player = new FragmentPlayer(video.value, shown, () => socket?.close())
    player.begin(message)
  }

  function off(words: string): void {
    trouble.value = words
    state.value = 'offline'
  }

  function again(): void {
    socket = null
    if (state.value === 'live') state.value = 'frozen'
    clearTimeout(retry)
    retry = setTimeout(() => void start(), retries_ms[Math.min(tries, retries_ms.length - 1)])
    tries += 1
  }

  /** A picture reached the screen: that alone makes it live. */
  function shown(captured_ms: number | null): void {
    shown_ms = Date.now()
    state.value = 'live'
    trouble.value = ''
    tries = 0
    last_at.value = new Date(captured_ms ?? serverNow_ms()).toISOString()
    delay_s.value = captured_ms === null ? null : Math.max(0, (serverNow_ms() - captured_ms) / 1000)
  }

  function stop(): void {
    turn += 1
    clearTimeout(retry)
    const open = socket
    socket = null
    open?.close()
    player?.end()
    player = null
  }

  function restart(): void {
    stop()
    tries = 0
    state.value = 'connecting'
    last_at.value = null
    delay_s.value = null
    trouble.value = ''
    void start()
  }

  // A hidden window takes no pictures; on return it asks for them at once.
  const onVisible = () => (document.hidden ? stop() : restart())
  const watchdog = setInterval(() => {
    const still_ms = Date.now() - Math.max(shown_ms, opened_ms)
    if (socket === null || still_ms < silence_ms) return
    if (state.value !== 'offline') state.value = last_at.value === null ? 'connecting' : 'frozen'
    // Nothing comes, or what comes cannot be shown: begin anew.
    if (still_ms > silence_ms * 3 || Date.now() - heard_ms > silence_ms * 2) socket.close()
  }, 1000)

  document.addEventListener('visibilitychange', onVisible)
  // Getters, because a shallow ref among the sources would fire without having changed.
  watch([() => camera.value, () => video.value], restart, { immediate: true })
  onScopeDispose(() => {
    document.removeEventListener('visibilitychange', onVisible)
    clearInterval(watchdog)
    stop()
  })
  return { state, trouble, last_at, delay_s, shape, restart }
}
