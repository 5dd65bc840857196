// SPDX-License-Identifier: Apache-2.0
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { effectScope, type EffectScope } from 'vue'
import { aCard, after_s, anEvent, aSnapshot, noon } from '../../tests/fake/builders'
import type { DeskSnapshot } from '@/matters/api'
import { applyEvent, fromSnapshot, type DeskState } from './desk'
import { useFeed, type Feed, type FeedSocket } from './useFeed'

/** A line to a server we play ourselves: snapshots are answered when the story says so. */
function aLine() {
  const sockets: FeedSocket[] = []
  const asked: { answer: (s: DeskSnapshot) => void; fail: () => void }[] = []
  let feed!: Feed<DeskState>
  const scope: EffectScope = effectScope()
  scope.run(() => {
    feed = useFeed<DeskState>({
      apply: applyEvent,
      connect: () => {
        const socket: FeedSocket = { onmessage: null, onclose: null, close: () => socket.onclose?.() }
        sockets.push(socket)
        return Promise.resolve(socket)
      },
      snapshot: () =>
        new Promise((done, failed) =>
          asked.push({ answer: (s) => done(fromSnapshot(s)), fail: () => failed(new Error('away')) }),
        ),
    })
  })
  const say = (message: unknown) => sockets.at(-1)?.onmessage?.({ data: JSON.stringify(message) })
  return { feed, sockets, asked, say, scope }
}

const settle = () => vi.advanceTimersByTimeAsync(20)

describe('the live feed', () => {
  beforeEach(() => vi.useFakeTimers())
  afterEach(() => vi.useRealTimers())

  it('replays what outran the snapshot, and nothing twice', async () => {
    const { feed, asked, say } = aLine()
    await settle()
    say(anEvent(10, aCard({ id: 'in both' })))
    say(anEvent(11, aCard({ id: 'outran it' })))
    asked[0]?.answer(aSnapshot({ position: 10, cards: [aCard({ id: 'in both' })] }))
    await settle()
    expect(feed.health.value).toBe('live')
    expect([...feed.state.value!.cards.keys()]).toEqual(['in both', 'outran it'])
  })

  it('follows after the snapshot', async () => {
    const { feed, asked, say } = aLine()
    await settle()
    asked[0]?.answer(aSnapshot())
    await settle()
    say(anEvent(11, aCard({ id: 'later' })))
    await settle()
    expect(feed.state.value?.cards.has('later')).toBe(true)
  })

  it('says stale when the line is lost, keeps the old picture, and comes back by itself', async () => {
    const { feed, asked, sockets } = aLine()
    await settle()
    asked[0]?.answer(aSnapshot({ cards: [aCard({ id: 'm1' })] }))
    await settle()
    sockets[0]?.onclose?.()
    expect(feed.health.value).toBe('stale')
    expect(feed.state.value?.cards.has('m1')).toBe(true)
    await vi.advanceTimersByTimeAsync(600)
    expect(sockets).toHaveLength(2)
    asked[1]?.answer(aSnapshot({ position: 20 }))
    await settle()
    expect(feed.health.value).toBe('live')
    expect(feed.state.value?.position).toBe(20)
  })

  it('drops a snapshot that belongs to a lost connection', async () => {
    const { feed, asked, sockets } = aLine()
    await settle()
    sockets[0]?.onclose?.()
    asked[0]?.answer(aSnapshot({ cards: [aCard({ id: 'old' })] }))
    await settle()
    expect(feed.state.value).toBeNull()
    expect(feed.health.value).not.toBe('live')
  })

  it('tries again when the snapshot cannot be had', async () => {
    const { feed, asked, sockets } = aLine()
    await settle()
    asked[0]?.fail()
    await vi.advanceTimersByTimeAsync(1500)
    expect(feed.health.value).not.toBe('live')
    expect(sockets.length).toBeGreaterThan(1)
  })

  it('takes three missed beats for a lost line', async () => {
    const { feed, asked, say } = aLine()
    await settle()
    asked[0]?.answer(aSnapshot())
    await settle()
    await vi.advanceTimersByTimeAsync(10_000)
    say({ kind: 'beat', position: 10, at: noon })
    await vi.advanceTimersByTimeAsync(10_000)
    expect(feed.health.value).toBe('live')
    await vi.advanceTimersByTimeAsync(6_000)
    expect(feed.health.value).toBe('stale')
  })

  it('says stale while the line beats but the platform cannot read, with the time of the last reading', async () => {
    const { feed, asked, say, sockets } = aLine()
    await settle()
    asked[0]?.answer(aSnapshot())
    await settle()
    say({ kind: 'beat', position: 10, at: after_s(60), age_s: 4 })
    expect(feed.health.value).toBe('live')
    say({ kind: 'beat', position: 10, at: after_s(80), age_s: 24 })
    expect(feed.health.value).toBe('stale')
    expect(feed.heard_at.value).toBe(new Date(after_s(56)).toISOString())
    say({ kind: 'beat', position: 10, at: after_s(85), age_s: 0.1 })
    asked[1]?.answer(aSnapshot({ position: 12 }))
    await settle()
    expect(feed.health.value).toBe('live')
    expect(feed.state.value?.position).toBe(12)
    expect(sockets).toHaveLength(1)
  })

  it('ends with the session and does not come back', async () => {
    const { feed, asked, say, sockets } = aLine()
    await settle()
    asked[0]?.answer(aSnapshot())
    await settle()
    say({ kind: 'session_ended' })
    await vi.advanceTimersByTimeAsync(20_000)
    expect(feed.health.value).toBe('ended')
    expect(sockets).toHaveLength(1)
  })

  it('fetches a new snapshot when the server left events out', async () => {
    const { feed, asked, say } = aLine()
    await settle()
    asked[0]?.answer(aSnapshot({ position: 10 }))
    await settle()
    say({ kind: 'resync', position: 50, why: 'slow' })
    await settle()
    asked[1]?.answer(aSnapshot({ position: 51, cards: [aCard({ id: 'left out' })] }))
    await settle()
    expect(feed.state.value?.cards.has('left out')).toBe(true)
  })

  it('lives through garbage on the line', async () => {
    const { feed, asked, sockets } = aLine()
    await settle()
    asked[0]?.answer(aSnapshot())
    await settle()
    sockets[0]?.onmessage?.({ data: '{"half' })
    await settle()
    expect(feed.health.value).toBe('live')
  })
})
