// SPDX-License-Identifier: Apache-2.0
// The phone of a worker against a running platform, in the quiet demo: an operator sends, we act.
import { expect, test as base, type APIRequestContext, type Page } from '@playwright/test'
import { expectNoFaults } from '../audit'

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- answers of the platform, looked at in parts
type Json = any

/** Somebody in the duty room, by the public interface. */
class DutyRoom {
  constructor(private readonly request: APIRequestContext) {}

  async ask(method: 'get' | 'post', path: string, data?: object): Promise<Json> {
    const headers = { 'X-Jiedao-Seat': 'desk', 'X-Jiedao-CSRF': '1' }
    const answer = await this.request[method](`/api${path}`, { headers, ...(data ? { data } : {}) })
    expect(answer.status(), `${path}: ${await answer.text()}`).toBe(200)
    return (await answer.json()) as Json
  }

  act = (path: string, data: object = {}) => this.ask('post', path, { act_id: crypto.randomUUID(), ...data })
}

/** Phones differ, and so does what they must show: normal and large letters. */
const test = base.extend<{ desk: DutyRoom; worker: string }>({
  viewport: { width: 390, height: 844 },
  hasTouch: true,
  isMobile: true,
  permissions: ['geolocation'],
  desk: async ({ playwright, baseURL }, use) => {
    const request = await playwright.request.newContext({ baseURL: baseURL! })
    const desk = new DutyRoom(request)
    await desk.ask('post', '/demo/seats/operator')
    await use(desk)
    await request.dispose()
  },
  /** The worker who sits down, free and on duty; answers the party's id. */
  worker: async ({ page, desk, context }, use) => {
    const { town } = await desk.ask('get', '/config')
    await context.setGeolocation({ longitude: town['lon'], latitude: town['lat'], accuracy: 8 })
    await page.goto('/m')
    await page.getByRole('button', { name: /^网格管理员 · / }).first().click()
    await expect(page.getByRole('navigation')).toBeVisible()
    const headers = { 'X-Jiedao-Seat': 'm' }
    const session = (await (await page.request.get('/api/session', { headers })).json()) as Json
    const today = (await (await page.request.get('/api/phone/today', { headers })).json()) as Json
    // What an earlier run left behind is ended, as a worker or the desk would end it.
    for (const task of today['tasks']) {
      if (task.state !== 'on_scene') await desk.act(`/tasks/${task.id}/withdraw`)
      else await page.request.post(`/api/tasks/${task.id}/acts/report`, { headers: { ...headers, 'X-Jiedao-CSRF': '1' }, data: { act_id: crypto.randomUUID(), note: '已处理' } })
    }
    const checkIn = page.getByRole('button', { name: '签到', exact: true })
    const checkOut = page.getByRole('button', { name: '签退', exact: true })
    await expect(checkIn.or(checkOut)).toBeVisible()
    if (await checkIn.isVisible()) await checkIn.click()
    await expect(checkOut).toBeVisible()
    await use(session['party'].id)
  },
})

async function sendWorker(desk: DutyRoom, worker: string): Promise<string> {
  const { town } = await desk.ask('get', '/config')
  const { card } = await desk.act('/matters', { item: 'occupied_road', note: '摊位占道', lon: town['lon'], lat: town['lat'] })
  await desk.act(`/matters/${card.id}/acts/confirm`)
  await desk.act(`/matters/${card.id}/dispatch`, { party: worker })
  return card.id as string
}

/** A photo that does not compress well, as a camera would give it: several chunks long. */
async function aPhoto(page: Page, side_px = 480): Promise<Buffer> {
  const address = await page.evaluate((side) => {
    const canvas = Object.assign(document.createElement('canvas'), { width: side, height: side })
    const pen = canvas.getContext('2d')!
    const noise = pen.createImageData(side, side)
    for (let i = 0; i < noise.data.length; i += 1) noise.data[i] = i % 4 === 3 ? 255 : (i * 7919) % 251
    pen.putImageData(noise, 0, 0)
    return canvas.toDataURL('image/jpeg', 0.9)
  }, side_px)
  return Buffer.from(address.slice(address.indexOf(',') + 1), 'base64')
}

const take = async (page: Page, name: string) =>
  page.getByLabel(/拍照|再拍一张/).setInputFiles({ name, mimeType: 'image/jpeg', buffer: await aPhoto(page) })

test('a worker accepts, arrives, and reports with photos; the duty room has the evidence', async ({ page, desk, worker }) => {
  test.slow() // Three audits of a page, within one journey.
  const matter = await sendWorker(desk, worker)
  await expect(page.getByRole('heading', { name: '新派单' })).toBeVisible()
  await expect(page.getByText(/^\d+ 秒$/)).toBeVisible()
  await expectNoFaults(page)
  await page.getByRole('button', { name: '接单' }).click()
  await expect(page.getByRole('button', { name: '我已到场' })).toBeVisible()
  await expectNoFaults(page)
  await page.getByRole('button', { name: '我已到场' }).click()
  await take(page, 'one.jpg')
  await expect(page.getByRole('img', { name: /^第 1 张/ })).toBeVisible()
  await take(page, 'two.jpg')
  await expect(page.getByRole('img', { name: /^第 2 张/ })).toBeVisible()
  await page.getByRole('button', { name: '已劝离' }).click()
  await expectNoFaults(page)
  await page.getByRole('button', { name: /^(提交反馈|存好，有网自动上传)$/ }).click()
  await expect.poll(async () => (await desk.ask('get', `/matters/${matter}`))['tasks'][0].state, { timeout: 30_000 }).toBe('done')
  const detail = await desk.ask('get', `/matters/${matter}`)
  expect(detail['evidence'].filter((one: Json) => one['what'] === 'report')).toHaveLength(2)
  expect(detail['timeline'].map((row: Json) => row.verb)).toEqual(expect.arrayContaining(['task.accepted', 'task.arrived', 'task.reported']))
  await expect(page.getByText(/待上传/)).toBeHidden()
})

test('without a network the work goes on, and a killed page loses nothing', async ({ page, desk, worker, context }) => {
  test.slow() // Two pages, one after the other.
  const matter = await sendWorker(desk, worker)
  await page.getByRole('button', { name: '接单' }).click()
  await expect(page.getByRole('button', { name: '我已到场' })).toBeVisible()
  // The page's own files are on the phone before the network goes.
  await page.evaluate(() => navigator.serviceWorker.ready.then((found) => found.active?.state))
  await context.setOffline(true)
  await expect(page.getByText('没有网络，照常使用')).toBeVisible()
  await page.getByRole('button', { name: '我已到场' }).click()
  await take(page, 'one.jpg')
  await expect(page.getByRole('img', { name: /^第 1 张/ })).toBeVisible()
  await page.getByRole('button', { name: '已处理' }).click()
  await page.getByRole('button', { name: '存好，有网自动上传' }).click()
  await expect(page.getByText('2 条待上传')).toBeVisible()
  await page.reload()
  await expect(page.getByText('2 条待上传')).toBeVisible()
  await expect(page.getByText('没有网络，照常使用')).toBeVisible()
  await expect(page.getByRole('heading', { name: '今天要做' })).toBeVisible()
  await expectNoFaults(page)
  await page.close()
  await context.setOffline(false)
  const again = await context.newPage()
  await again.goto('/m')
  await expect.poll(async () => (await desk.ask('get', `/matters/${matter}`))['tasks'][0].state, { timeout: 60_000 }).toBe('done')
  const detail = await desk.ask('get', `/matters/${matter}`)
  expect(detail['evidence'].filter((one: Json) => one['what'] === 'report')).toHaveLength(1)
})

test('an offer that cannot be taken goes back with a reason', async ({ page, desk, worker }) => {
  const matter = await sendWorker(desk, worker)
  await page.getByRole('button', { name: '去不了' }).click()
  await page.getByRole('button', { name: '离得太远' }).click()
  await expect(page.getByRole('heading', { name: '新派单' })).toBeHidden()
  await expect.poll(async () => (await desk.ask('get', `/matters/${matter}`))['tasks'][0].state).toBe('refused')
})

test('a worker reports what they came upon, photo first', async ({ page, desk, worker }) => {
  void worker
  await page.getByRole('button', { name: '上报问题' }).click()
  await expect(page.getByRole('button', { name: '提交' })).toBeDisabled()
  await take(page, 'found.jpg')
  await expect(page.getByRole('img', { name: /^第 1 张/ })).toBeVisible()
  await page.getByRole('button', { name: '暴露垃圾' }).click()
  const words = `路口有一堆垃圾 ${Date.now()}`
  await page.getByRole('textbox', { name: /说两句/ }).fill(words)
  await expect(page.getByText(/卫星定位 ±8 米/)).toBeVisible()
  await expectNoFaults(page)
  await page.getByRole('button', { name: '提交' }).click()
  await expect(page.getByText('已上报')).toBeVisible()
  await expect(page.getByText(/待上传/)).toBeHidden({ timeout: 30_000 })
  const { cards } = await desk.ask('get', '/desk/snapshot')
  const details = await Promise.all(cards.filter((card: Json) => card['still'] && card['source'] === 'person').map((card: Json) => desk.ask('get', `/matters/${card['id']}`)))
  expect(details.some((detail) => detail['timeline'][0].note === words)).toBe(true)
})

test('every page is readable to all, in large letters too, and nothing is cut off', async ({ page, worker }) => {
  void worker
  await page.setViewportSize({ width: 360, height: 740 })
  for (const size of ['normal', 'large']) {
    for (const tab of ['今天', '任务', '消息', '我的']) {
      await page.getByRole('navigation').getByRole('button', { name: tab, exact: true }).click()
      await expectNoFaults(page)
      expect(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth), `${tab} ${size}`).toBe(true)
    }
    if (size === 'normal') await page.getByRole('switch', { name: /大字/ }).click()
  }
})

base('the doorway is readable to all', async ({ page }) => {
  await page.goto('/')
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
  await expectNoFaults(page)
})
