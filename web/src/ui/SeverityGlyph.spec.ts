// SPDX-License-Identifier: Apache-2.0
import { mount } from '@vue/test-utils'
import { describe, expect, it } from 'vitest'
import { i18n } from '@/i18n'
import SeverityGlyph from './SeverityGlyph.vue'
import { glyphPath, type Severity } from './severity'

const glyph = (level: Severity, silent = false) =>
  mount(SeverityGlyph, { props: { level, silent }, global: { plugins: [i18n] } })

describe('the severity glyph', () => {
  it('says level and word to a screen reader', () => {
    expect(glyph(1).attributes()).toMatchObject({ role: 'img', 'aria-label': '1 级 特急' })
    expect(glyph(4).attributes('aria-label')).toBe('4 级 提示')
  })

  it('shows the numeral, so that colour is never alone', () => {
    expect(glyph(3).text()).toBe('3')
  })

  it('has a shape of its own at each level', () => {
    const shapes = ([1, 2, 3, 4] as const).map(glyphPath)
    expect(new Set(shapes).size).toBe(4)
  })

  it('keeps silent where the word stands beside it', () => {
    expect(glyph(2, true).attributes('aria-label')).toBeUndefined()
    expect(glyph(2, true).attributes('aria-hidden')).toBe('true')
  })
})
