// SPDX-License-Identifier: Apache-2.0
import { computed, ref, watch, type Ref } from 'vue'
import { useI18n } from 'vue-i18n'
import type { Card } from '@/matters/api'
import { said } from '@/i18n'
import { audible } from '@/matters/pressure'
import { useClock } from '@/shared/useClock'
import { toneDue } from './alarmTones'
import { openSound, play, say, soundIsOpen } from './sound'

const mute_ms = 5 * 60_000

/** Sounds for open alarms while a shift is on: insistent, never endless silence, never a flash. */
export function useAlarmSound(cards: Ref<readonly Card[]>, on: Ref<boolean>, flood: Ref<boolean>) {
  const { t, locale } = useI18n()
  const now_ms = useClock()
  const muted_until_ms = ref(0)
  const open = ref(soundIsOpen())
  const sounded = new Map<string, number>()
  const muted_s = computed(() => Math.max(0, Math.ceil((muted_until_ms.value - now_ms.value) / 1000)))

  async function start(): Promise<void> {
    open.value = await openSound()
  }

  function mute(): void {
    muted_until_ms.value = muted_s.value > 0 ? 0 : now_ms.value + mute_ms
  }

  function listen(): void {
    if (!on.value || !open.value) return
    const tone = toneDue(audible(cards.value, flood.value), sounded, now_ms.value, muted_until_ms.value)
    if (!tone) return
    const first = !sounded.has(tone.card.id)
    for (const card of cards.value) if (card.severity >= tone.card.severity) sounded.set(card.id, now_ms.value)
    play(tone.kind)
    if (first && tone.card.severity === 1) {
      say(t('sound.spoken', { word: t('severity.1'), place: tone.card.place.name, title: said(tone.card.title) }), locale.value)
    }
  }

  watch([now_ms, cards, on, open], listen)
  return { open, muted_s, start, mute, test: () => play('double') }
}
