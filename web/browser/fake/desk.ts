// SPDX-License-Identifier: Apache-2.0
import { test as base } from '@playwright/test'
import { FakePlatform } from './platform'

/** A desk at work: signed in, shift begun, the first alarm chosen. */
export const test = base.extend<{ platform: FakePlatform }>({
  platform: async ({ page }, use) => {
    const platform = new FakePlatform()
    await platform.attach(page)
    await page.addInitScript(() => sessionStorage.setItem('jiedao.shift.desk.operator', 'begun'))
    await use(platform)
  },
})
export { expect } from '@playwright/test'
