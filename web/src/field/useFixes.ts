// SPDX-License-Identifier: Apache-2.0
import { onScopeDispose, ref, shallowRef, watch, type Ref } from 'vue'
import { askTicket } from '@/api/tickets'

export type Fix = { lon: number; lat: number; accuracy_m: number; at: string }

const each_ms = 20_000
const patience_ms = 8000

/** Where this phone is, once; null when it cannot or may not say. */
export function fixNow(patience = patience_ms): Promise<Fix | null> {
  return new Promise((done) => {
    if (!('geolocation' in navigator)) return done(null)
    navigator.geolocation.getCurrentPosition(
      ({ coords, timestamp }) => done({ lon: coords.longitude, lat: coords.latitude, accuracy_m: coords.accuracy, at: new Date(timestamp).toISOString() }),
      () => done(null),
      { enableHighAccuracy: true, maximumAge: 10_000, timeout: patience },
    )
  })
}

type Battery = { level: number }

/** What the battery has left, 0..100; null where the browser does not say. */
export async function batteryNow(from: object = navigator): Promise<number | null> {
  if (!('getBattery' in from) || typeof from.getBattery !== 'function') return null
  const battery = (await from.getBattery().catch(() => null)) as Battery | null
  return battery && Math.round(battery.level * 100)
}

async function tellFix({ at, lon, lat, accuracy_m }: Fix): Promise<void> {
  const { url } = await askTicket('positions')
  const body = JSON.stringify({ fixes: [{ at, lon, lat, accuracy_m, battery_pct: await batteryNow() }] })
  await fetch(new URL(url, window.location.href), { method: 'POST', headers: { 'Content-Type': 'application/json' }, body })
}

/**
 * Tells where this phone is, once each 20 s, while its owner is on duty and looks at this page.
 *
 * Off duty, or in the background, nothing is asked of the phone and nothing is sent.
 */
export function useFixes(onDuty: Ref<boolean>) {
  const fix = shallowRef<Fix | null>(null)
  const state = ref<'off' | 'asking' | 'on' | 'none'>('off')
  let timer: ReturnType<typeof setInterval> | undefined

  async function take(): Promise<void> {
    if (document.hidden || !onDuty.value) return
    const found = await fixNow()
    state.value = found ? 'on' : 'none'
    if (!found || !onDuty.value) return
    fix.value = found
    await tellFix(found).catch(() => null) // The next one is newer anyway.
  }

  watch(
    onDuty,
    (on) => {
      clearInterval(timer)
      state.value = on ? 'asking' : 'off'
      if (!on) return void (fix.value = null)
      timer = setInterval(() => void take(), each_ms)
      void take()
    },
    { immediate: true },
  )
  const wake = () => void take()
  document.addEventListener('visibilitychange', wake)
  onScopeDispose(() => {
    clearInterval(timer)
    document.removeEventListener('visibilitychange', wake)
  })
  return { fix, state }
}
