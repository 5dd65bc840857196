// SPDX-License-Identifier: Apache-2.0
// Words for several loudspeakers of a running town: asked for, followed, over.
import { expect, test } from '@playwright/test'

const soon = { timeout: 45_000 }
const home = { 'X-Jiedao-CSRF': '1', 'X-Jiedao-Seat': 'operator' }

test('words are spoken at all loudspeakers, and each says that it has heard them', async ({ page }) => {
  test.setTimeout(240_000)
  expect((await page.request.post('/api/demo/seats/operator', { headers: home })).ok()).toBe(true)
  await page.goto('/desk?seat=operator')
  await page.getByRole('button', { name: '开始值班' }).click(soon)
  await page.getByRole('button', { name: '广播' }).click(soon)
  const dialog = page.getByRole('dialog', { name: '多个喇叭广播' })
  const boxes = dialog.getByRole('checkbox')
  await expect(boxes.first()).toBeVisible(soon)
  for (const box of await boxes.all()) await box.check()
  await dialog.getByLabel('播什么').selectOption({ index: 1 })
  const number = await boxes.count()
  await dialog.getByRole('button', { name: number < 5 ? '播放' : '核对数量' }).click()
  if (number >= 5) await dialog.getByRole('button', { name: `在 ${number} 个喇叭播放` }).click()
  await expect(dialog.getByText('广播结束')).toBeVisible({ timeout: 90_000 })
  await expect(dialog.getByText(`已播完 ${number} / ${number} 个`)).toBeVisible()
})
