// SPDX-License-Identifier: Apache-2.0
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { act, call, NoAnswer, Refusal, signedOut } from './client'
import { newId } from './ids'
import { seatOf } from './seat'

type Sent = { path: string; init: RequestInit }

/** Answers in order; 'away' plays a server that does not answer. */
function aServer(...answers: (Response | 'away')[]): Sent[] {
  const sent: Sent[] = []
  vi.stubGlobal('fetch', (path: string, init: RequestInit) => {
    sent.push({ path, init })
    const answer = answers[Math.min(sent.length, answers.length) - 1]
    return answer instanceof Response ? Promise.resolve(answer) : Promise.reject(new TypeError('network'))
  })
  return sent
}

const json = (body: unknown, status = 200) => new Response(JSON.stringify(body), { status })
const idOf = (sent: Sent | undefined) => (JSON.parse(String(sent?.init.body)) as { act_id: string }).act_id

describe('talking to the server', () => {
  beforeEach(() => vi.useFakeTimers())
  afterEach(() => {
    vi.useRealTimers()
    vi.unstubAllGlobals()
  })

  it('names the seat always, and guards unsafe methods', async () => {
    const sent = aServer(json({}), json({}))
    await call('GET', '/config')
    await call('POST', '/session', {})
    expect(sent[0]?.init.headers).not.toHaveProperty('X-Jiedao-CSRF')
    expect(sent[1]?.init.headers).toMatchObject({ 'X-Jiedao-CSRF': '1', 'X-Jiedao-Seat': expect.any(String) })
  })

  it('sends an unanswered act again with the same id', async () => {
    const sent = aServer('away', json({ code: 'x' }, 503), json({ ok: true }))
    const answer = act('/matters/1/acts/confirm')
    await vi.runAllTimersAsync()
    expect(await answer).toEqual({ ok: true })
    expect(new Set(sent.map(idOf)).size).toBe(1)
    expect(sent).toHaveLength(3)
  })

  it('gives up after a few tries and says that nothing answered', async () => {
    aServer('away')
    const answer = act('/matters/1/acts/confirm').catch((error: unknown) => error)
    await vi.runAllTimersAsync()
    expect(await answer).toBeInstanceOf(NoAnswer)
  })

  it('does not repeat what the server refused, and keeps its words', async () => {
    const words = { 'zh-CN': '事件已办结', en: 'The matter is closed' }
    const sent = aServer(json({ code: 'matter.closed', message: words, facts: { number: 'A-1' } }, 409))
    const refused = await act('/matters/1/acts/confirm').catch((error: unknown) => error)
    expect(refused).toBeInstanceOf(Refusal)
    expect(refused).toMatchObject({ code: 'matter.closed', words, facts: { number: 'A-1' } })
    expect(sent).toHaveLength(1)
  })

  it('tells the page when the session is over', async () => {
    aServer(json({ code: 'session.none' }, 401))
    const heard = vi.fn()
    signedOut.addEventListener('signed-out', heard, { once: true })
    await call('GET', '/session').catch(() => null)
    expect(heard).toHaveBeenCalledOnce()
  })

  it('lives with an answer that is not JSON', async () => {
    aServer(new Response('<html>', { status: 500 }))
    await expect(call('GET', '/config')).rejects.toMatchObject({ code: 'http.500', words: null })
  })
})

describe('an act id', () => {
  it('is a uuid7 in order of time', () => {
    expect(newId(0x0123456789ab)).toMatch(/^01234567-89ab-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    expect(newId(1000) < newId(2000)).toBe(true)
  })
})

describe('the seat of a page', () => {
  it.each([
    ['?seat=verifier', '/desk', 'verifier'],
    ['', '/desk', 'desk'],
    ['', '/m', 'm'],
    ['', '/', 'doorway'],
    ['?seat=../../x', '/desk', 'desk'],
  ])('%s at %s is %s', (search, pathname, expected) => {
    expect(seatOf({ search, pathname })).toBe(expected)
  })
})
