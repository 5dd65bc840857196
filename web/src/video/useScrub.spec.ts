// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest'
import { effectScope, nextTick, ref } from 'vue'
import { noon } from '../../tests/fake/builders'
import type { Clip } from './clip'
import { useScrub } from './useScrub'

const alarm_ms = Date.parse(noon)
const aClip = (more: Partial<Clip> = {}): Clip => ({ camera: 'c1', address: '/a', began_ms: alarm_ms - 30_000, alarm_ms, severity: 1, ...more })

function aView(first: Clip | null = aClip()) {
  const clip = ref<Clip | null>(first)
  const camera = ref<string | undefined>('c1')
  const scrub = effectScope().run(() => useScrub(clip, camera))!
  return { clip, camera, ...scrub }
}

describe('where the picture stands', () => {
  it('is live until somebody steps back, and then plays on from there', () => {
    const view = aView()
    expect(view.at_ms.value).toBeNull()
    view.step(1)
    expect(view.at_ms.value).toBeNull()
    view.step(-1)
    expect(view.at_ms.value).toBe(alarm_ms - 5000)
    expect(view.playing.value).toBe(true)
    view.step(1)
    expect(view.at_ms.value).toBe(alarm_ms)
  })

  it('stays at its time when the whole clip takes the place of the first half', async () => {
    const view = aView()
    view.step(-1)
    view.clip.value = aClip({ address: '/whole' })
    await nextTick()
    expect(view.at_ms.value).toBe(alarm_ms - 5000)
  })

  it('is live again with another camera or another matter', async () => {
    const view = aView()
    view.step(-1)
    view.camera.value = 'c2'
    await nextTick()
    expect(view.at_ms.value).toBeNull()
  })

  it('has nowhere to go without a clip', () => {
    const view = aView(null)
    view.step(-1)
    expect(view.at_ms.value).toBeNull()
  })
})
