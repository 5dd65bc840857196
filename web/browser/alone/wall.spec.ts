// SPDX-License-Identifier: Apache-2.0
import type { Page } from '@playwright/test'
import { expectNoFaults } from '../audit'
import { expect, test } from '../fake/desk'
import type { FakePlatform } from '../fake/platform'

/** The wall at its overview. */
async function hung(page: Page, platform: FakePlatform): Promise<void> {
  platform.wall.page = 'overview'
  await page.goto('/wall')
  await expect(page.getByRole('heading', { name: '青石街道综合指挥中心' })).toBeVisible()
}

test('the wall says what is happening now', async ({ page, platform }) => {
  await hung(page, platform)
  await expect(page.getByRole('region', { name: '当前事件' }).getByRole('heading', { name: '越过涉水警戒线' })).toBeVisible()
  await expect(page.getByRole('region', { name: '今日', exact: true })).toContainText('318/336')
  await expect(page.getByRole('region', { name: '今日', exact: true })).toContainText('少 8 起')
  await expect(page.getByRole('region', { name: '设备' })).toContainText('北侧出入口')
  await expectNoFaults(page)
})

test('one key hides people from visitors, and the desk is told', async ({ page, platform }) => {
  await hung(page, platform)
  await page.keyboard.press('v')
  await expect(page.getByRole('status').filter({ hasText: '参观模式' })).toBeVisible()
  await expect(page.getByText('值班 陈静')).toBeHidden()
  await expect(page.locator('img').first()).toHaveCSS('filter', /blur/)
  expect(platform.acts(/^\/wall\/mode$/)[0]?.body).toMatchObject({ visitors: true })
})

test('the desk chooses the page; a level 1 brings the overview back', async ({ page, platform }) => {
  await hung(page, platform)
  const quiet = [...platform.cards.values()].map((card) => ({ ...card, version: card.version + 1, severity: 3 as const }))
  for (const card of quiet) platform.tell(card)
  platform.say({ position: (platform.position += 1), verb: 'wall.set', at: new Date().toISOString(), matter: null, task: null, version: null, subject: { kind: 'wall', id: 'w' }, card: null, payload: { page: 'cameras', visitors: false } })
  platform.wall.page = 'cameras'
  await expect(page.getByRole('region', { name: '今日', exact: true })).toBeHidden()
  platform.tell({ ...quiet[0]!, version: quiet[0]!.version + 1, severity: 1 })
  await expect(page.getByRole('region', { name: '今日', exact: true })).toBeVisible()
})

test('a lost line is said; the clock goes on', async ({ page, platform }) => {
  await hung(page, platform)
  await platform.lose()
  await expect(page.getByText(/连接中断，数据停在 \d\d:\d\d:\d\d/)).toBeVisible()
})

test('the wall is set from the desk', async ({ page, platform }) => {
  await page.goto('/desk')
  await page.getByRole('button', { name: '大屏' }).press('Enter')
  await page.getByRole('button', { name: '视频', exact: true }).last().press('Enter')
  await expect(page.getByRole('button', { name: '视频', exact: true, pressed: true })).toBeVisible()
  await page.getByRole('button', { name: '参观模式：关' }).press('Enter')
  await expect(page.getByRole('button', { name: '参观模式：开' })).toBeVisible()
  expect(platform.wall).toEqual({ page: 'cameras', visitors: true })
})
