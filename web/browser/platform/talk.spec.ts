// SPDX-License-Identifier: Apache-2.0
// A microphone, a running town, and what the loudspeaker under the bridge says that it heard.
import { expect, test, type Page } from '@playwright/test'

const soon = { timeout: 45_000 }
const home = { 'X-Jiedao-CSRF': '1', 'X-Jiedao-Seat': 'operator' }

type Said = { live: boolean; state: string; heard: string | null; heard_match: number | null }

/** The desk with a matter under the bridge before it. */
async function atTheBridge(page: Page): Promise<string> {
  expect((await page.request.post('/api/demo/seats/operator', { headers: home })).ok()).toBe(true)
  const cameras = (await (await page.request.get('/api/cameras?seat=operator')).json()) as { id: string; name: string; demo: boolean }[]
  const camera = cameras.find((one) => one.name.includes('桥'))
  const raised = await page.request.post('/api/matters', { headers: home, data: { act_id: crypto.randomUUID(), camera: camera?.id, note: '有人靠近水边' } })
  expect(raised.ok()).toBe(true)
  const card = ((await raised.json()) as { card: { id: string; number: string } }).card
  await page.goto('/desk?seat=operator')
  await page.getByRole('button', { name: '开始值班' }).click(soon)
  await page.getByRole('combobox', { name: /^搜地点/ }).fill(card.number)
  await page.keyboard.press('Enter')
  await expect(page.getByRole('region', { name: '事件', exact: true }).getByText(card.number)).toBeVisible(soon)
  await page.keyboard.press('Escape')
  return card.id
}

const talks = async (page: Page, matter: string): Promise<Said[]> => {
  const detail = (await (await page.request.get(`/api/matters/${matter}?seat=operator`)).json()) as { announcements: Said[] }
  return detail.announcements.filter((one) => one.live)
}

test('the space bar is held, the loudspeaker speaks, and what it heard can be played', async ({ page }) => {
  test.setTimeout(240_000)
  const matter = await atTheBridge(page)
  const bar = page.getByRole('contentinfo').getByRole('status')

  await page.keyboard.down(' ')
  await expect(bar).toHaveText(/正在通过「.+」喊话/, soon)
  await expect(page.getByRole('meter', { name: '话筒音量' })).toBeVisible()
  await expect(bar).toHaveText(/喊话 3 秒/, soon)
  await page.screenshot({ path: 'test-results/talking.png' })
  await page.keyboard.up(' ')
  await expect(bar).toHaveText(/已播出 \d/, soon)
  const panel = page.getByRole('region', { name: '事件', exact: true })
  await expect(panel.getByText(/讲了 [\d.]+ 秒/).first()).toBeVisible(soon)
  await expect(panel.locator('audio').first()).toBeAttached()
  const [said] = await talks(page, matter)
  expect(said).toMatchObject({ state: 'played' })
  expect(said?.heard_match).toBeGreaterThan(0.9)
})

test('Esc ends it at once, and a second desk is told who speaks', async ({ page, browser }) => {
  test.setTimeout(240_000)
  const matter = await atTheBridge(page)
  const bar = page.getByRole('contentinfo').getByRole('status')
  const detail = (await (await page.request.get(`/api/matters/${matter}?seat=operator`)).json()) as { loudspeakers: { id: string }[] }

  await page.keyboard.down(' ')
  await expect(bar).toHaveText(/正在通过「.+」喊话/, soon)
  const other = await (await browser.newContext()).newPage()
  await other.request.post('/api/demo/seats/verifier', { headers: { ...home, 'X-Jiedao-Seat': 'verifier' } })
  const refused = await other.request.post(`/api/loudspeakers/${detail.loudspeakers[0]?.id}/talk`, { headers: { ...home, 'X-Jiedao-Seat': 'verifier' }, data: {} })
  expect(refused.status()).toBe(409)
  expect(((await refused.json()) as { message: { 'zh-CN': string } }).message['zh-CN']).toContain('正在通过喇叭')
  await page.keyboard.press('Escape')
  await expect(bar).toHaveText('已停止')
  await page.keyboard.up(' ')
  await expect.poll(async () => (await talks(page, matter))[0]?.state, soon).toBe('stopped')
})
