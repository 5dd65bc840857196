// SPDX-License-Identifier: Apache-2.0
import { mount } from '@vue/test-utils'
import { describe, expect, it } from 'vitest'
import { aCard, aDetail } from '../../tests/fake/builders'
import { i18n } from '@/i18n'
import type { MatterDetail } from './api'
import EmergencySheet from './EmergencySheet.vue'

const sheet = (detail: MatterDetail = aDetail()) =>
  mount(EmergencySheet, { props: { detail, town: '青石街道', busy: false }, global: { plugins: [i18n] }, attachTo: document.body })

describe('the call for help', () => {
  it('shows what to say, and who of ours is there', () => {
    expect(sheet().text()).toContain('青石街道 滨河社区 滨河桥下')
    expect(sheet().text()).toContain('还没有我方人员')
  })

  it('asks twice: a number first, and only then that they have answered', async () => {
    const one = sheet()
    await one.findAll('.line')[0]!.trigger('click')
    expect(one.emitted('called')).toBeUndefined()
    await one.find('.made').trigger('click')
    expect(one.emitted('called')).toEqual([['police_110']])
  })

  it('offers the fire brigade first where something burns', () => {
    expect(sheet(aDetail({ card: aCard({ item: 'store_overheated' }) })).findAll('.line b').map((one) => one.text())).toEqual(['119', '110', '120'])
  })
})
