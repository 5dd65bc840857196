// SPDX-License-Identifier: Apache-2.0
import AxeBuilder from '@axe-core/playwright'
import { expect, type Page } from '@playwright/test'

/** No fault of accessibility on the page as it stands; a fault names its rule and where it is. */
export async function expectNoFaults(page: Page): Promise<void> {
  // Our pages hold no frames, so the rules run in the page itself; else each audit opens another.
  const { violations } = await new AxeBuilder({ page }).setLegacyMode().analyze()
  expect(violations.map((one) => `${one.id}: ${one.nodes.map((node) => node.target.join(' ')).join(', ')}`)).toEqual([])
}
