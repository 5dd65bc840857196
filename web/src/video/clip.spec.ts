// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest'
import { aCard, aDetail, after_s, noon } from '../../tests/fake/builders'
import { clipOf, spanOf, stepped } from './clip'

const at = (s: number) => Date.parse(noon) + s * 1000
const kept = (began_at: string | null) => aDetail({ card: aCard({ camera: 'c1' }), evidence: [{ sha256: 'ab', type: 'video/mp4', what: 'clip', at: noon, began_at }] })

describe('the clip around an alarm', () => {
  it('is there once it is kept, with the time of its first picture', () => {
    expect(clipOf(kept(after_s(-30)))).toMatchObject({ camera: 'c1', began_ms: at(-30), alarm_ms: at(0) })
    expect(clipOf(aDetail())).toBeNull()
  })

  it('goes from half a minute before to half a minute after', () => {
    expect(spanOf(clipOf(kept(after_s(-30)))!, null)).toEqual({ from_ms: at(-30), to_ms: at(30) })
    expect(spanOf(clipOf(kept(after_s(-12)))!, 42)).toEqual({ from_ms: at(-12), to_ms: at(30) })
  })

  it('is placed by its length where nobody told when it began', () => {
    expect(spanOf(clipOf(kept(null))!, 55)).toEqual({ from_ms: at(-25), to_ms: at(30) })
  })
})

describe('stepping', () => {
  const span = { from_ms: at(-30), to_ms: at(30) }

  it('from live begins just before the alarm', () => {
    expect(stepped(null, -5, span, at(0))).toBe(at(-5))
  })

  it('stays within what was kept', () => {
    expect(stepped(at(-28), -5, span, at(0))).toBe(at(-30))
    expect(stepped(at(28), 5, span, at(0))).toBe(at(30))
  })
})
