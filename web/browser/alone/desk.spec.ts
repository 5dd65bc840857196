// SPDX-License-Identifier: Apache-2.0
import { expectNoFaults } from '../audit'
import { expect, test } from '../fake/desk'
import { aCard } from '../../tests/fake/builders'

test.beforeEach(async ({ platform, page }) => {
  void platform
  await page.goto('/desk')
  await expect(page.getByRole('heading', { name: '越过涉水警戒线' })).toBeVisible()
})

test('keyboard alone: confirm, talk, dispatch, verify', async ({ page, platform }) => {
  await page.keyboard.press('a')
  await expect(page.getByRole('button', { name: '已确认' })).toBeVisible()
  await page.keyboard.press('s')
  await page.keyboard.press('1')
  await expect(page.getByText('桥下喇叭 即将播放')).toBeVisible()
  await page.keyboard.press('d')
  await expect(page.getByRole('button', { name: '派单给 王建军' })).toBeFocused()
  await page.keyboard.press('Enter')
  await expect(page.getByText('已派单给 王建军')).toBeVisible()
  expect(platform.acts(/acts\/confirm$/)).toHaveLength(1)
  expect(platform.acts(/talk$/)[0]?.body).toMatchObject({ phrase: 'water_leave' })
  expect(platform.acts(/dispatch$/)).toHaveLength(1)

  await page.getByRole('button', { name: /待核查 1/ }).click()
  await page.keyboard.press('j')
  await expect(page.getByRole('heading', { name: '垃圾满溢' })).toBeVisible()
  await page.keyboard.press('e')
  await expect.poll(() => platform.acts(/acts\/verify_pass$/).length).toBe(1)
})

test('a dispatch can be taken back for ten seconds', async ({ page, platform }) => {
  await page.getByRole('button', { name: '派单给 王建军' }).click()
  await page.getByRole('button', { name: /^撤回 \d+$/ }).click()
  await expect.poll(() => platform.acts(/withdraw$/).length).toBe(1)
})

test('a false alarm takes one press and a ready reason', async ({ page, platform }) => {
  await page.keyboard.press('x')
  await page.keyboard.press('2')
  await expect.poll(() => platform.acts(/false_alarm$/)[0]?.body).toMatchObject({ reason: 'animal' })
})

test('a call for help asks twice, shows what to say, and is written down; what waits is verified in a row', async ({ page, platform }) => {
  await page.keyboard.press('f')
  const sheet = page.getByRole('dialog', { name: '报警 110 / 119 / 120' })
  await expect(sheet.getByText('青石街道 河东社区 青石大桥北桥底')).toBeVisible()
  await page.keyboard.press('2')
  await expect(sheet.getByRole('button', { name: '119 已打通，记下时间' })).toBeFocused()
  expect(platform.acts(/acts\/emergency$/)).toHaveLength(0)
  await expectNoFaults(page)
  await page.keyboard.press('Enter')
  await expect(sheet).toBeHidden()
  expect(platform.acts(/acts\/emergency$/)[0]?.body).toMatchObject({ reason: 'fire_119' })

  await page.keyboard.press('b')
  const batch = page.getByRole('dialog', { name: /^批量核查/ })
  await expect(batch.getByRole('img', { name: '处理前' })).toBeVisible()
  await expectNoFaults(page)
  await page.keyboard.press('x')
  await page.keyboard.press('2')
  await expect.poll(() => platform.acts(/acts\/verify_return$/)[0]?.body).toMatchObject({ reason: 'not_done' })
})

test('the kept minute is stepped through by key, and L is live again', async ({ page }) => {
  const track = page.getByRole('slider', { name: '回放位置' })
  await expect(track).toHaveAttribute('aria-valuetext', '直播')
  await page.keyboard.press('ArrowLeft')
  await expect(page.getByText(/^回放 \d\d:\d\d:\d\d/)).toBeVisible()
  await page.keyboard.press('l')
  await expect(track).toHaveAttribute('aria-valuetext', '直播')
})

test('a second window stands in step with the desk, both ways', async ({ page, platform }) => {
  const second = await page.context().newPage()
  await platform.attach(second)
  await second.goto('/desk/video')
  await expect(second.getByRole('heading', { name: '视频' })).toBeVisible()
  await expect(second.getByText('越过涉水警戒线', { exact: true })).toBeVisible()
  await expectNoFaults(second)
  await page.bringToFront()
  await page.keyboard.press('j')
  await expect(page.getByRole('heading', { name: '占道经营' })).toBeVisible()
  await expect(second.getByText('占道经营', { exact: true })).toBeVisible()
  await second.bringToFront()
  await second.getByRole('combobox', { name: '告警与事件' }).selectOption({ label: '2 · 消防通道占用 · 槐荫里 6 号楼' })
  await expect(page.getByRole('heading', { name: '消防通道占用' })).toBeVisible()
})

test('a flood is grouped by place and says so; a narrow desk shows one view; English is never cut', async ({ page, platform }) => {
  const place = { id: 'gate', name: '南门', path: '/', lon: 115.37, lat: 23.28 }
  for (let i = 0; i < 10; i += 1) platform.tell(aCard({ id: `f${i}`, number: `A-${i}`, severity: 3, title: { 'zh-CN': '人员聚集', en: 'Gathering' }, opened_at: new Date().toISOString(), place }), 'matter.reported')
  await expect(page.getByText(/^告警集中，已合并/)).toBeVisible()
  await expect(page.getByRole('button', { name: '南门 另有 9 起' })).toBeVisible()

  await page.setViewportSize({ width: 1280, height: 800 })
  await expect(page.getByRole('region', { name: '街道地图' })).toBeHidden()
  await page.getByRole('group', { name: '画面与地图' }).getByRole('button', { name: '地图' }).click()
  await expect(page.getByRole('region', { name: '街道地图' })).toBeVisible()

  await page.setViewportSize({ width: 1440, height: 900 })
  await page.getByRole('button', { name: 'English' }).click()
  await expect(page.getByRole('button', { name: 'Confirm', exact: true })).toBeVisible()
  const cut = await page.evaluate(() => [...document.querySelectorAll('button, h2, h3, p, small, span')]
    .filter((one) => one.checkVisibility() && one.scrollWidth > one.clientWidth + 1 && getComputedStyle(one).overflowX === 'hidden' && !one.classList.contains('visually-hidden'))
    .map((one) => one.textContent?.trim()).filter((words) => words && /^[\x20-\x7e·]+$/.test(words)))
  expect(cut).toEqual([])
})

test('letters typed into a field are words, not orders', async ({ page, platform }) => {
  await page.getByRole('textbox', { name: '输入文字，合成语音播放' }).fill('axd')
  await page.keyboard.press('a')
  expect(platform.acts(/acts/)).toHaveLength(0)
})

test('a new level 1 stands on the queue at once, and does not take the focus from typing', async ({ page, platform }) => {
  await page.keyboard.press('/')
  await page.keyboard.type('桥')
  platform.tell(aCard({ id: 'new', number: 'A-1', severity: 1, title: { 'zh-CN': '水边有人', en: 'x' }, opened_at: new Date().toISOString(), place: { id: 'p', name: '滨江步道', path: '/', lon: 115.37, lat: 23.28 } }), 'matter.reported')
  await expect(page.getByRole('button', { name: /水边有人/ }).first()).toBeVisible()
  await expect(page.getByRole('combobox', { name: '搜地点、人员、摄像机、事件编号' })).toBeFocused()
  await expect(page.getByRole('heading', { name: '越过涉水警戒线' })).toBeVisible()
})

test('a lost line is said, with the time of the last data, and mended silently', async ({ page, platform }) => {
  await platform.lose()
  await expect(page.getByText(/连接中断，数据停在 \d\d:\d\d:\d\d/)).toBeVisible()
  platform.failing.clear()
  await expect(page.getByText(/连接中断/)).toBeHidden({ timeout: 15_000 })
})

test('a refusal is told in the words of the server', async ({ page, platform }) => {
  platform.failing.set('/matters/01990000-0000-7000-8000-000000000001/acts', { status: 409, body: { code: 'matters.wrong_state', message: { 'zh-CN': '事件已由他人办结', en: 'closed' }, facts: {} } })
  await page.keyboard.press('a')
  await expect(page.getByText('事件已由他人办结')).toBeVisible()
  await expect(page.getByRole('button', { name: '确认', exact: true })).toBeVisible()
})

test('an offline camera says so; the square is never black', async ({ page }) => {
  await expect(page.getByRole('alert').filter({ hasText: '北桥底 1 号枪机' })).toBeVisible()
  await expect(page.getByRole('img', { name: '北桥底 1 号枪机 最近画面' })).toBeVisible()
})

test('keys are listed under ?, and can be turned off', async ({ page, platform }) => {
  await page.keyboard.press('?')
  await page.getByRole('checkbox', { name: /启用单键快捷键/ }).uncheck()
  await page.keyboard.press('Escape')
  await page.keyboard.press('a')
  await page.waitForTimeout(100)
  expect(platform.acts(/confirm/)).toHaveLength(0)
})

for (const [width, height] of [[1920, 1080], [1440, 900]] as const) {
  test(`has no accessibility faults at ${width}×${height}`, async ({ page }) => {
    await page.setViewportSize({ width, height })
    await expect(page.getByRole('region', { name: '街道地图' })).toBeVisible()
    await expectNoFaults(page)
  })
}
