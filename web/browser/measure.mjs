// SPDX-License-Identifier: Apache-2.0
// Measures pictures where people see them: in Chromium, by the clock that the simulated camera
// burns into each picture. Prints one JSON object. Used by `jiedao bench wall`.
import { existsSync } from 'node:fs'
import { chromium } from '@playwright/test'

const [base, openings, wall_s] = process.argv.slice(2)
const executablePath = process.env['JIEDAO_CHROMIUM'] ?? ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync)
const browser = await chromium.launch({
  executablePath,
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--disable-3d-apis', '--autoplay-policy=no-user-gesture-required'],
})

/** Defined in the page: the age in ms of what an element shows, null where its strip cannot be read. */
function defineAge() {
  const [cell, bits] = [6, 27]
  window.ageOf = (shown) => {
    const [width, height] = [shown.videoWidth ?? shown.naturalWidth, shown.videoHeight ?? shown.naturalHeight]
    if (!width || !height) return null
    const canvas = document.createElement('canvas')
    canvas.width = cell * (bits + 3)
    canvas.height = cell
    const pen = canvas.getContext('2d')
    pen.drawImage(shown, 0, height - cell, canvas.width, cell, 0, 0, canvas.width, cell)
    const light = (n) => pen.getImageData(n * cell + cell / 2, cell / 2, 1, 1).data[1] > 120
    const read = Array.from({ length: bits + 3 }, (_, n) => (light(n) ? 1 : 0))
    if (read[0] !== 1 || read[1] !== 0 || read.slice(2).reduce((sum, bit) => sum + bit, 0) % 2 !== 0) return null
    const ms = read.slice(2, 2 + bits).reduce((value, bit) => value * 2 + bit, 0)
    return (Date.now() % 86_400_000) - ms
  }
  window.openNext = () =>
    new Promise((done) => {
      const video = document.querySelector('.player video')
      const [before, began_ms] = [video.src, performance.now()]
      const look = () => {
        const age_ms = video.src === before ? null : window.ageOf(video)
        if (age_ms === null) return video.requestVideoFrameCallback(look)
        done({ name: document.querySelector('.pill').textContent.split(' · ').at(-1), first_ms: performance.now() - began_ms, age_ms })
      }
      video.requestVideoFrameCallback(look)
      setTimeout(() => done(null), 15_000)
      window.dispatchEvent(new KeyboardEvent('keydown', { key: 'v' }))
    })
}

async function seated(seat, chair, path) {
  const context = await browser.newContext({ viewport: { width: 1920, height: 1080 }, locale: 'zh-CN', reducedMotion: 'reduce' })
  const headers = { 'X-Jiedao-Seat': chair, 'X-Jiedao-CSRF': '1' }
  await context.request.post(`${base}/api/demo/seats/${seat}`, { headers })
  await context.addInitScript(defineAge)
  await context.addInitScript(() => sessionStorage.setItem('jiedao.shift.desk.shouli1', 'begun'))
  const page = await context.newPage()
  await page.goto(base + path)
  return { context, page, headers }
}

const pause = (ms) => new Promise((done) => setTimeout(done, ms))
const opened = []
{
  const { context, page, headers } = await seated('operator', 'desk', '/desk')
  await page.waitForFunction(() => document.querySelector('.player video')?.readyState >= 2, null, { timeout: 60_000 })
  await pause(3000)
  for (let i = 0; i < Number(openings); i += 1) {
    opened.push(await page.evaluate(() => window.openNext()))
    await pause(1500)
  }
  const cameras = await (await context.request.get(`${base}/api/cameras`, { headers })).json()
  const armed = new Set(cameras.filter((camera) => camera.armed).map((camera) => camera.name))
  for (const one of opened) if (one) one.armed = armed.has(one.name)
  await context.close()
}

const moving = []
const stills = []
let [videos, images] = [0, 0]
if (Number(wall_s) > 0) {
  const { context, page, headers } = await seated('operator', 'wall', '/wall')
  const data = { act_id: crypto.randomUUID(), page: 'cameras', visitors: false }
  await context.request.post(`${base}/api/wall/mode`, { headers, data })
  await pause(15_000)
  const end_ms = Date.now() + Number(wall_s) * 1000
  while (Date.now() < end_ms) {
    const seen = await page.evaluate(() => ['video', '.tile img'].map((kind) => [...document.querySelectorAll(kind)].map((shown) => window.ageOf(shown))))
    moving.push(...seen[0])
    stills.push(...seen[1])
    ;[videos, images] = seen.map((ages) => ages.filter((age) => age !== null).length)
    await pause(500)
  }
  await context.close()
}
await browser.close()
process.stdout.write(JSON.stringify({ opened, moving, stills, videos, images }))
