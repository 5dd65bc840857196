// SPDX-License-Identifier: Apache-2.0
import { expectNoFaults } from '../audit'
import { expect, test } from '../fake/desk'

const horns = ['桥下', '步道', '闸口', '码头', '市场'].map((name, i) => ({ id: `h${i}`, name: `${name}喇叭`, community: i < 4 ? '滨江社区' : '南市社区', state: i === 3 ? 'offline' : 'online', volume: 70, rests: i === 2 }))
const batch = (played: number) => ({ batch: 'b1', number: 5, states: { played, playing: 5 - played }, over: played === 5, failed: [] as unknown[], refused: {} })

test('words for many loudspeakers are shown with their number before they are spoken', async ({ page, platform }) => {
  void platform
  const asked: Record<string, unknown>[] = []
  await page.route('**/api/loudspeakers', (route) => route.fulfill({ json: { loudspeakers: horns, phrases: [], asked_twice_from: 5, most_signs: 120, loudest: 85 } }))
  await page.route('**/api/broadcasts', (route) => {
    asked.push(route.request().postDataJSON() as Record<string, unknown>)
    return route.fulfill({ json: batch(2) })
  })
  await page.route('**/api/broadcasts/b1', (route) => route.fulfill({ json: batch(5) }))
  await page.goto('/desk')
  await page.getByRole('button', { name: '广播' }).click()
  const dialog = page.getByRole('dialog', { name: '多个喇叭广播' })
  await dialog.getByRole('button', { name: '滨江社区 · 4' }).click()
  await dialog.getByRole('checkbox', { name: /市场喇叭/ }).check()
  await dialog.getByRole('textbox', { name: '输入文字，合成语音播放' }).fill('今晚有台风，请不要到河边')
  await expectNoFaults(page)
  await dialog.getByRole('button', { name: '核对数量' }).click()
  await expect(dialog.getByText('桥下喇叭 · 步道喇叭 · 闸口喇叭 · 码头喇叭 · 市场喇叭')).toBeVisible()
  expect(asked).toEqual([])
  await dialog.getByRole('button', { name: '在 5 个喇叭播放' }).click()
  await expect(dialog.getByText('广播结束')).toBeVisible()
  await expect(dialog.getByText('已播完 5 / 5 个')).toBeVisible()
  expect(asked[0]).toMatchObject({ confirmed: 5, text: '今晚有台风，请不要到河边' })
})
