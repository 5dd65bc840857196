// SPDX-License-Identifier: Apache-2.0
import { onScopeDispose, ref } from 'vue'

const heard_level = 0.02

/** Listens for a few seconds and shows how loud it is; nothing is kept or sent. */
export function useMicrophone(for_s = 5) {
  const state = ref<'untried' | 'listening' | 'heard' | 'silent' | 'refused'>('untried')
  const level = ref(0)
  let end: (() => void) | null = null

  async function test(): Promise<void> {
    end?.()
    level.value = 0
    let stream: MediaStream
    try {
      stream = await navigator.mediaDevices.getUserMedia({ audio: true })
    } catch {
      state.value = 'refused'
      return
    }
    const audio = new AudioContext()
    const analyser = audio.createAnalyser()
    audio.createMediaStreamSource(stream).connect(analyser)
    const samples = new Float32Array(analyser.fftSize)
    let loudest = 0
    state.value = 'listening'
    const timer = setInterval(() => {
      analyser.getFloatTimeDomainData(samples)
      level.value = Math.sqrt(samples.reduce((sum, one) => sum + one * one, 0) / samples.length)
      loudest = Math.max(loudest, level.value)
    }, 100)
    const over = setTimeout(() => end?.(), for_s * 1000)
    end = () => {
      end = null
      clearInterval(timer)
      clearTimeout(over)
      for (const track of stream.getTracks()) track.stop()
      void audio.close()
      state.value = loudest > heard_level ? 'heard' : 'silent'
      level.value = 0
    }
  }

  onScopeDispose(() => end?.())
  return { state, level, test }
}
