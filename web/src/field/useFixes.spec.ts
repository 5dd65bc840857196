// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest'
import { batteryNow } from './useFixes'

describe('the battery that is told with a position', () => {
  it('is a whole share of a hundred', async () => {
    expect(await batteryNow({ getBattery: () => Promise.resolve({ level: 0.417 }) })).toBe(42)
  })

  it('is left out where the browser does not say, or refuses to', async () => {
    expect(await batteryNow({})).toBeNull()
    expect(await batteryNow({ getBattery: () => Promise.reject(new Error('no')) })).toBeNull()
  })
})
