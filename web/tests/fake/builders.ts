// SPDX-License-Identifier: Apache-2.0
// Builders for specs: each fills in what a story does not care about. Names are fictional.
import type { FeedEvent } from '@/feed/events'
import type { Announcement } from '@/voice/api'
import type { Person } from '@/dispatch/api'
import type { Card, DeskSnapshot, MatterDetail, Task } from '@/matters/api'

export const noon = '2026-05-01T04:00:00Z'
export const after_s = (s: number) => new Date(Date.parse(noon) + s * 1000).toISOString()

export function aCard(more: Partial<Card> = {}): Card {
  return {
    id: '01900000-0000-7000-8000-000000000001',
    number: 'A-0501-0001',
    item: 'water_fence',
    title: { 'zh-CN': '涉水警戒', en: 'Water fence' },
    place: { id: 'p1', name: '滨河桥下', path: '/1/2', lon: 114.5, lat: 22.8 },
    community: '滨河社区',
    severity: 2,
    state: 'reported',
    version: 1,
    confirmed: false,
    source: 'camera',
    opened_at: noon,
    last_seen_at: noon,
    closed_at: null,
    zone: 'inner_line',
    due_at: null,
    respond_by: after_s(300),
    still: null,
    times: 1,
    camera: 'c1',
    on_way: null,
    demo: true,
    solved: false,
    late: [],
    told: [],
    merged_into: null,
    ...more,
  }
}

export function aSnapshot(more: Partial<DeskSnapshot> = {}): DeskSnapshot {
  return {
    position: 10,
    at: noon,
    cards: [],
    cameras: { online: 1, total: 2, asked_at: 1777608000 },
    loudspeakers: { online: 1, total: 1 },
    on_duty: 3,
    duty: { name: '陈静' },
    people: [],
    ...more,
  }
}

export function anEvent(position: number, card: Card | null = null, more: Partial<FeedEvent> = {}): FeedEvent {
  return {
    position,
    verb: 'matter.opened',
    at: after_s(position),
    matter: card?.id ?? null,
    task: null,
    version: card?.version ?? null,
    subject: { kind: 'matter', id: card?.id ?? 'm' },
    card,
    payload: {},
    ...more,
  }
}

export function aDetail(more: Partial<MatterDetail> = {}): MatterDetail {
  return {
    card: aCard(),
    actions: [],
    timeline: [],
    tasks: [],
    plan: null,
    evidence: [],
    lead: null,
    merged: [],
    deadlines: [],
    loudspeakers: [],
    camera: null,
    announcements: [],
    trace: { records: 1, sealed: 1, position: 1, head: 'abc' },
    ...more,
  }
}

export function anAnnouncement(more: Partial<Announcement> = {}): Announcement {
  return {
    id: 'a1',
    loudspeaker: 'l1',
    name: '桥下喇叭',
    text: '桥下水深危险，请立即离开水边。',
    live: false,
    state: 'playing',
    asked_at: noon,
    first_packet_at: null,
    finished_at: null,
    failure: null,
    heard: null,
    heard_match: null,
    ...more,
  }
}

export function aPerson(more: Partial<Person> = {}): Person {
  return {
    id: 'p1',
    name: '周敏',
    post: 'grid_worker',
    unit: '河东社区',
    lon: 114.5,
    lat: 22.8,
    fix_age_s: 5,
    fix_source: 'fix',
    heard_age_s: 5,
    battery_pct: 80,
    state: 'free',
    task: null,
    ...more,
  }
}

export function aTask(more: Partial<Task> = {}): Task {
  return {
    id: 't1',
    matter: 'm1',
    number: 'A-0501-0001',
    kind: 'handle',
    party: 'p1',
    name: '周敏',
    title: { 'zh-CN': '占道经营', en: 'Stall in the road' },
    place: { id: 'p1', name: '南市', path: '/1/2', lon: 115, lat: 23 },
    severity: 3,
    state: 'offered',
    offered_at: noon,
    expires_at: null,
    accepted_at: null,
    arrived_at: null,
    begun_at: null,
    reported_at: null,
    due_at: null,
    distance_m: 120,
    still: null,
    blobs: [],
    why: {},
    ...more,
  }
}
