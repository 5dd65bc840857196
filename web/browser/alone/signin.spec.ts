// SPDX-License-Identifier: Apache-2.0
import { expectNoFaults } from '../audit'
import { expect, test } from '@playwright/test'
import { FakePlatform } from '../fake/platform'

test('without a session the demo offers its seats, and the shift begins with one press', async ({ page }) => {
  const platform = new FakePlatform()
  platform.signedIn = false
  await platform.attach(page)
  platform.failing.set('/session', { status: 401, body: { code: 'session.none', message: { 'zh-CN': '请先登录', en: 'Sign in first' }, facts: {} } })
  await page.goto('/desk')
  await expect(page.getByRole('button', { name: '受理员 · 陈静' })).toBeVisible()
  await expectNoFaults(page)
  platform.failing.clear()
  await page.getByRole('button', { name: '受理员 · 陈静' }).click()
  const shift = page.getByRole('dialog', { name: '开始值班' })
  await expect(shift).toBeVisible()
  await page.keyboard.press('Enter')
  await expect(shift).toBeHidden()
  await expect(page.getByRole('heading', { name: '越过涉水警戒线' })).toBeVisible()
})

test('a platform that is not there yet is waited for, and the page says so', async ({ page }) => {
  const platform = new FakePlatform()
  await platform.attach(page)
  platform.failing.set('/config', 'abort')
  await page.goto('/desk')
  await expect(page.getByText('正在连接平台…')).toBeVisible()
  await expect(page.getByText(/平台没有应答/)).toBeVisible()
  platform.failing.clear()
  await expect(page.getByRole('dialog', { name: '开始值班' })).toBeVisible()
})
