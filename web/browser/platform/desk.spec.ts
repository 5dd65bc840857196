// SPDX-License-Identifier: Apache-2.0
// The main journey on a running demo town: real processes, real pictures, nothing played.
import { expect, test, type Browser, type Page } from '@playwright/test'
import { expectNoFaults } from '../audit'

// Generous, because the whole platform runs beside the browser; nothing here measures speed.
const soon = { timeout: 45_000 }
const home = { 'X-Jiedao-CSRF': '1' }

async function someone(browser: Browser, seat: string): Promise<Page> {
  const page = await (await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: 'zh-CN', reducedMotion: 'reduce' })).newPage()
  const taken = await page.request.post(`/api/demo/seats/${seat}`, { headers: { ...home, 'X-Jiedao-Seat': seat } })
  expect(taken.ok()).toBe(true)
  return page
}

async function begin(page: Page, seat: string): Promise<void> {
  await page.goto(`/desk?seat=${seat}`)
  await page.getByRole('button', { name: '开始值班' }).click(soon)
  await expect(page.getByRole('region', { name: '街道地图' })).toBeVisible(soon)
}

test('by keyboard alone: raise what is seen, confirm, speak, send; another hand verifies', async ({ browser }) => {
  test.setTimeout(420_000)
  const [desk, verifier] = [await someone(browser, 'operator'), await someone(browser, 'verifier')]
  await begin(desk, 'operator')
  await verifier.request.get('/api/session?seat=verifier')
  await expect(desk.getByText(/^直播/).first()).toBeVisible(soon)

  await desk.keyboard.press('r')
  await expect(desk.getByRole('dialog', { name: '人工发现' })).toBeVisible()
  await desk.keyboard.type('护栏松动，有人靠近水边')
  await desk.keyboard.press('Tab')
  await desk.keyboard.press('Enter')
  const number = ((await desk.getByText(/^已立 A-/).textContent(soon)) ?? '').replace('已立', '').trim()
  const panel = desk.getByRole('region', { name: '事件', exact: true })
  await expect(panel.getByText(number)).toBeVisible(soon)
  await expect(panel.getByText('护栏松动，有人靠近水边')).toBeVisible(soon)

  await desk.keyboard.press('a')
  await expect(panel.getByRole('button', { name: '已确认' })).toBeVisible(soon)
  await desk.keyboard.press('s')
  await desk.keyboard.press('3')
  await expect(desk.getByText(/即将播放/).first()).toBeVisible(soon)
  await expect(panel.getByRole('button', { name: /^派单给/ }).first()).toBeVisible(soon)
  await desk.keyboard.press('d')
  await expect(panel.getByRole('button', { name: /^派单给/ }).first()).toBeFocused()
  await desk.keyboard.press('Enter')
  await expect(desk.getByText(/^已派单给/).first()).toBeVisible(soon)
  await expect(panel.getByText(/喊话完毕/).first()).toBeVisible({ timeout: 60_000 })

  // The simulated hand accepts, goes, and reports back with a photo.
  // Meanwhile the verifier's seat shows a sign of life, so that it stays with this visitor.
  await expect(async () => {
    await verifier.request.get('/api/session?seat=verifier')
    await expect(panel.getByText('已反馈').first()).toBeVisible({ timeout: 1000 })
  }).toPass({ timeout: 180_000 })
  await begin(verifier, 'verifier')
  await verifier.getByRole('combobox', { name: /^搜地点/ }).fill(number)
  await verifier.keyboard.press('Enter')
  await expect(verifier.getByRole('button', { name: '核查通过' })).toBeEnabled(soon)
  await verifier.keyboard.press('e')
  await expect(verifier.getByText('核查通过，结案')).toBeVisible(soon)
  await expect(panel.getByText('已结案').first()).toBeVisible(soon)
})

test('somebody steps over the line and stands on the desk, with the picture', async ({ browser }) => {
  test.setTimeout(240_000)
  const desk = await someone(browser, 'operator')
  await begin(desk, 'operator')
  await desk.request.post('/api/drills', { headers: home, data: { act_id: crypto.randomUUID(), kind: 'fence' } })
  const queue = desk.getByRole('region', { name: '告警与事件' })
  await queue.getByRole('button', { name: /越过涉水警戒线/ }).first().click({ timeout: 120_000 })
  const panel = desk.getByRole('region', { name: '事件', exact: true })
  await expect(panel.getByRole('region', { name: '预案' })).toBeVisible(soon)
  await panel.getByRole('button', { name: '查看照片' }).last().click(soon)
  await expect(desk.getByRole('dialog').getByRole('img', { name: '证据画面' })).toHaveJSProperty('complete', true)
})

test('the desk of a running town has no accessibility faults', async ({ browser }) => {
  test.setTimeout(180_000)
  const page = await someone(browser, 'operator')
  await begin(page, 'operator')
  await expectNoFaults(page)
})
