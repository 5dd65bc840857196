// SPDX-License-Identifier: Apache-2.0
// A platform played by the spec: answers the screens' requests from memory, keeps what was asked.
import { readFileSync } from 'node:fs'
import { extname } from 'node:path'
import type { Page, Route, WebSocketRoute } from '@playwright/test'
import type { Card, MatterDetail } from '../../src/matters/api'
import { baseMap, cameras, candidates, cards, detailOf, middle, people } from './town'

const dist = new URL('../../dist/', import.meta.url)
const kinds: Record<string, string> = { '.html': 'text/html', '.js': 'text/javascript', '.mjs': 'text/javascript', '.css': 'text/css', '.woff2': 'font/woff2' }
const csp = "default-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; connect-src 'self' ws: wss:; worker-src 'self' blob:; style-src 'self' 'unsafe-inline'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'"

const drawn: Record<string, [string, string]> = { bridge: ['#38424a', '#26313b'], market: ['#5a5346', '#3a362e'], lane: ['#4a4f52', '#33383b'], river: ['#2f4650', '#24343b'] }
function picture(name: string): string {
  const [sky, ground] = drawn[name] ?? ['#3a4248', '#2a3136']
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 960 540"><rect width="960" height="540" fill="${sky}"/><rect y="300" width="960" height="240" fill="${ground}"/><path d="M0 220h960v40H0z" fill="#59646c"/><path d="M120 260h60v160h-60zM700 260h60v200h-60z" fill="#4b555c"/><circle cx="480" cy="330" r="18" fill="#c9b8a2"/><rect x="462" y="350" width="36" height="80" rx="8" fill="#41566b"/></svg>`
}

const figures = {
  today: { opened: 46, closed: 39, arrived: 41, response_s: 222 },
  week_ago: { opened: 54, closed: 44, arrived: 50, response_s: 273 },
  workers: { on_duty: 318, total: 336 },
  hours: [1, 0, 0, 0, 0, 0, 1, 3, 5, 4, 3, 6],
  usual_hours: [1, 1, 0, 0, 0, 1, 1, 2, 4, 4, 3, 3, 4, 3, 3, 4, 5, 6, 5, 4, 3, 2, 1, 1],
  types: [{ item: 'road_stall', title: { 'zh-CN': '占道经营', en: 'Stall in the road' }, n: 14 }],
  cameras: { online: 247, total: 250 },
  loudspeakers: { online: 89, total: 90 },
  troubles: [{ name: '北侧出入口', state: 'offline', why: 'camera.unreachable', since: '2026-11-23T06:00:00Z' }],
}

export type Asked = { method: string; path: string; body: Record<string, unknown> | null }

export class FakePlatform {
  readonly asked: Asked[] = []
  readonly cards = new Map<string, Card>(cards().map((card) => [card.id, card]))
  position = 100
  signedIn = true
  roles = ['operator']
  wall = { page: '', visitors: false }
  private readonly left: object[] = [{ id: 'h0', at: new Date().toISOString(), who: '林岚', note: '北桥底护栏已报修，夜里多看一眼' }]
  /** Set to make a path fail: status and body, or 'abort' for no answer. */
  readonly failing = new Map<string, 'abort' | { status: number; body: object }>()
  private feeds: WebSocketRoute[] = []

  async attach(page: Page): Promise<void> {
    await page.routeWebSocket(/\/feed/, (socket) => {
      this.feeds.push(socket)
      socket.send(JSON.stringify({ kind: 'hello', position: this.position, at: new Date().toISOString(), beat_s: 5, processes: [] }))
    })
    await page.routeWebSocket(/\/video/, (socket) => socket.send(JSON.stringify({ code: 'camera.unreachable' })))
    await page.route('**/*', (route) => this.answer(route))
  }

  /** Seal a change of a matter: new version, next position, told to every feed. */
  tell(card: Card, verb = 'matter.acted'): void {
    this.cards.set(card.id, card)
    this.position += 1
    this.say({ position: this.position, verb, at: new Date().toISOString(), matter: card.id, task: null, version: card.version, subject: { kind: 'matter', id: card.id }, card, payload: {} })
  }

  say(message: object): void {
    for (const feed of this.feeds) feed.send(JSON.stringify(message))
  }

  async lose(): Promise<void> {
    this.failing.set('/tickets', 'abort')
    for (const feed of this.feeds.splice(0)) await feed.close()
  }

  acts(path: RegExp): Asked[] {
    return this.asked.filter((one) => one.method !== 'GET' && path.test(one.path))
  }

  private async answer(route: Route): Promise<void> {
    const request = route.request()
    const url = new URL(request.url())
    if (!url.pathname.startsWith('/api/')) return this.file(route, url.pathname)
    const path = url.pathname.slice(4)
    this.asked.push({ method: request.method(), path, body: request.postDataJSON() as Record<string, unknown> | null })
    const fails = [...this.failing].find(([prefix]) => path.startsWith(prefix))?.[1]
    if (fails === 'abort') return route.abort()
    if (fails) return route.fulfill({ status: fails.status, json: fails.body })
    if (path.startsWith('/blobs/')) return path.endsWith('heard') ? route.fulfill({ status: 404 }) : this.svg(route, path.split('/')[2]!)
    if (path.endsWith('/still')) return this.svg(route, 'bridge')
    const body = this.api(request.method(), path, this.asked.at(-1)!.body)
    return body === undefined ? route.fulfill({ status: 404, json: { code: 'input.not_found', message: null, facts: {} } }) : route.fulfill({ json: body })
  }

  private svg = (route: Route, name: string) => route.fulfill({ contentType: 'image/svg+xml', body: picture(name) })

  private file(route: Route, path: string): Promise<void> {
    const entry = ({ '/': 'index.html', '/desk': 'desk.html', '/desk/video': 'desk.html', '/desk/map': 'desk.html', '/m': 'm.html', '/wall': 'wall.html' } as Record<string, string>)[path] ?? path.slice(1)
    try {
      return route.fulfill({ body: readFileSync(new URL(entry, dist)), contentType: kinds[extname(entry)] ?? 'application/octet-stream', headers: { 'Content-Security-Policy': csp } })
    } catch {
      return route.fulfill({ status: 404 })
    }
  }

  private api(method: string, path: string, body: Record<string, unknown> | null): unknown {
    if (path === '/config') return { town: { name: '青石街道', code: '990101001', ...middle }, demo: true, stream_url: 'http://localhost:9', version: '0.1.0', drill: true }
    if (path === '/session') return this.signedIn ? this.session() : undefined
    if (path.startsWith('/demo/seats/')) return (this.signedIn = true) && this.session()
    if (path === '/demo/seats') return [{ seat: 'operator', name: '陈静', post: '受理员', screen: 'desk' }]
    if (path === '/desk/handovers') return this.handovers(method, body)
    if (path === '/tickets') return { ticket: 't', url: 'http://localhost:9/feed?ticket=t' }
    if (/\/cameras\/.+\/open$/.test(path)) return { ticket: 't', url: 'http://localhost:9/video?ticket=t' }
    if (path === '/cameras') return cameras()
    if (path === '/wall') return { ...figures, at: new Date().toISOString(), mode: this.wall }
    if (path === '/wall/mode') return (this.wall = { page: String(body?.['page']), visitors: body?.['visitors'] === true })
    if (path === '/map/base.geojson') return baseMap()
    if (path === '/desk/snapshot') return { position: this.position, at: new Date().toISOString(), cards: [...this.cards.values()], cameras: { online: 247, total: 250 }, loudspeakers: { online: 89, total: 90 }, on_duty: 318, duty: { name: '陈静' }, people: people() }
    const [, , matter, what, action] = path.split('/')
    const card = this.cards.get(matter ?? '')
    if (!card) return path.startsWith('/announcements') || path.startsWith('/plan-steps') ? {} : undefined
    if (method === 'GET' && what === undefined) return detailOf(card)
    if (what === 'candidates') return candidates()
    return this.act(card, what ?? '', action ?? '', body)
  }

  private act(card: Card, what: string, action: string, body: Record<string, unknown> | null): MatterDetail {
    const next = { ...card, version: card.version + 1 }
    if (action === 'confirm') next.confirmed = true
    if (action === 'confirm' && card.state === 'reported') next.state = 'filed'
    if (action === 'false_alarm') next.state = 'false_alarm'
    if (action === 'verify_pass') next.state = 'closed'
    if (action === 'feedback') next.state = 'reported_back'
    const sent = candidates().find((one) => one.party === body?.['party'])
    if (what === 'dispatch' && sent) Object.assign(next, { state: 'dispatched', on_way: { name: sent.name, party: sent.party, state: 'offered' } })
    this.tell(next)
    return detailOf(next)
  }

  private handovers(method: string, body: Record<string, unknown> | null): object[] {
    if (method === 'POST') this.left.unshift({ id: `h${this.left.length}`, at: new Date().toISOString(), who: '陈静', note: String(body?.['note']) })
    return this.left
  }

  private session(): object {
    return { account: 'operator', account_id: 'a', party: { id: 'p', name: '陈静', unit: '指挥中心' }, roles: this.roles, certificates: [], post: '受理员', demo: true }
  }
}
