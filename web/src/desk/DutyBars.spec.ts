// SPDX-License-Identifier: Apache-2.0
import { mount } from '@vue/test-utils'
import { computed, ref } from 'vue'
import { describe, expect, it } from 'vitest'
import { aCard } from '../../tests/fake/builders'
import { i18n } from '@/i18n'
import type { Card } from '@/matters/api'
import { serverNow_ms } from '@/shared/useClock'
import DutyBars from './DutyBars.vue'

const ago = (s: number) => new Date(serverNow_ms() - s * 1000).toISOString()
const bars = (open: Card[], more: { flood?: boolean; muted_s?: number } = {}) => {
  const sound = { open: ref(true), muted_s: computed(() => more.muted_s ?? 0), start: () => Promise.resolve(), mute: () => undefined, test: () => undefined }
  return mount(DutyBars, { props: { open, flood: more.flood ?? false, sound }, global: { plugins: [i18n] } })
}

describe('what the whole desk must know', () => {
  it('is nothing while all is well', () => {
    expect(bars([aCard({ severity: 1, opened_at: ago(20) })]).text()).toBe('')
  })

  it('is the most severe alarm that nobody confirmed, and whom the platform has told', async () => {
    const late = bars([
      aCard({ id: 'two', severity: 2, opened_at: ago(400) }),
      aCard({ id: 'one', severity: 1, opened_at: ago(70), told: ['duty_lead', 'second_operator'] }),
    ])
    expect(late.find('[role=alert]').text()).toMatch(/特急未确认.*已报值班长、第二席.*另有 1 起/)
    await late.find('button').trigger('click')
    expect(late.emitted('choose')).toEqual([['one']])
  })

  it('is a flood, and a silence with the time that is left', () => {
    expect(bars([], { flood: true }).text()).toContain('告警集中，已合并')
    expect(bars([], { muted_s: 284 }).text()).toContain('04:44')
  })
})
