// SPDX-License-Identifier: Apache-2.0
import type { Tone } from './alarmTones'

let audio: AudioContext | null = null

/** Browsers allow sound only after a press; call this from one. */
export async function openSound(): Promise<boolean> {
  try {
    audio ??= new AudioContext()
    if (audio.state !== 'running') await audio.resume()
    return audio.state === 'running'
  } catch {
    return false
  }
}

export function soundIsOpen(): boolean {
  return audio?.state === 'running'
}

/** One tone with soft edges; times in seconds from now, pitch in Hz, level 0..1. */
function beep(from_s: number, length_s: number, pitch_hz: number, level: number): void {
  if (!audio) return
  const [tone, gain, start] = [audio.createOscillator(), audio.createGain(), audio.currentTime + from_s]
  tone.frequency.value = pitch_hz
  gain.gain.setValueAtTime(0, start)
  gain.gain.linearRampToValueAtTime(level, start + 0.015)
  gain.gain.setValueAtTime(level, start + length_s - 0.03)
  gain.gain.linearRampToValueAtTime(0, start + length_s)
  tone.connect(gain).connect(audio.destination)
  tone.start(start)
  tone.stop(start + length_s)
}

export function play(kind: Tone['kind']): void {
  if (kind === 'tick') return beep(0, 0.09, 660, 0.12)
  for (let i = 0; i < (kind === 'insistent' ? 3 : 1); i += 1) {
    beep(i * 0.7, 0.3, 880, 0.35)
    beep(i * 0.7 + 0.3, 0.3, 660, 0.35)
  }
}

/** Speak once, if this machine has a voice for the language; the tones never depend on it. */
export function say(text: string, language: string): void {
  if (!('speechSynthesis' in window)) return
  const utterance = new SpeechSynthesisUtterance(text)
  utterance.lang = language
  window.speechSynthesis.speak(utterance)
}
