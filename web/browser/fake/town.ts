// SPDX-License-Identifier: Apache-2.0
// A small invented town for specs of the screens alone. All names are fictional.
import type { Camera } from '../../src/cameras/api'
import type { Candidate, Person } from '../../src/dispatch/api'
import type { Card, MatterDetail, TimelineRow } from '../../src/matters/api'
import { aCard, anAnnouncement, aPerson, aTask } from '../../tests/fake/builders'

export const middle = { lon: 115.372, lat: 23.284 }
const at = (east_m: number, north_m: number) => ({ lon: middle.lon + east_m / 102_300, lat: middle.lat + north_m / 110_900 })

export const ago = (s: number) => new Date(Date.now() - s * 1000).toISOString()
export const ahead = (s: number) => ago(-s)

const place = (id: string, name: string, east_m: number, north_m: number) => ({ id, name, path: '/1/2', ...at(east_m, north_m) })
const id = (n: number) => `01990000-0000-7000-8000-${String(n).padStart(12, '0')}`
const title = (zh: string, en: string) => ({ 'zh-CN': zh, en })

export function cards(): Card[] {
  return [
    aCard({ id: id(1), number: 'A-261123-0046', title: title('越过涉水警戒线', 'Over the water line'), severity: 1, state: 'on_way', place: place('p1', '青石大桥北桥底', -120, -380), community: '河东社区', opened_at: ago(137), respond_by: ahead(-77), still: 'bridge', camera: id(101), on_way: { name: '周敏', party: id(201), state: 'accepted' } }),
    aCard({ id: id(2), number: 'A-261123-0045', item: 'occupied_road', title: title('占道经营', 'Stall in the road'), severity: 2, place: place('p2', '南市菜场东门', 500, 150), community: '南市社区', opened_at: ago(245), respond_by: ahead(55), still: 'market', times: 3 }),
    aCard({ id: id(3), number: 'A-261123-0044', item: 'fire_lane', title: title('消防通道占用', 'Fire lane blocked'), severity: 2, place: place('p3', '槐荫里 6 号楼', -650, 420), community: '槐荫社区', opened_at: ago(408), respond_by: ahead(900), still: 'lane' }),
    aCard({ id: id(4), number: 'A-261123-0041', item: 'seen_by_people', title: title('人工发现', 'Seen by a person'), severity: 3, state: 'on_scene', confirmed: true, source: 'person', place: place('p4', '柳巷小区 3 幢', 820, -260), community: '柳巷社区', opened_at: ago(552), due_at: ahead(3000), on_way: { name: '刘建国', party: id(204), state: 'on_scene' } }),
    aCard({ id: id(5), number: 'A-261123-0039', item: 'exposed_rubbish', title: title('暴露垃圾', 'Rubbish'), severity: 3, state: 'filed', confirmed: true, source: 'public', place: place('p5', '河堤 2 段', -300, -620), community: '北桥社区', opened_at: ago(750), due_at: ahead(9000), still: 'river' }),
    aCard({ id: id(6), number: 'A-261123-0036', item: 'exposed_rubbish', title: title('垃圾满溢', 'Bin overflowing'), severity: 4, state: 'reported_back', confirmed: true, place: place('p6', '柳巷 2 号投放点', 900, 480), community: '柳巷社区', opened_at: ago(4845), due_at: ahead(4000), on_way: { name: '何秀兰', party: id(205), state: 'done' }, still: 'lane' }),
    aCard({ id: id(7), number: 'A-261123-0031', title: title('越过涉水警戒线', 'Over the water line'), severity: 1, state: 'rated', confirmed: true, place: place('p1', '青石大桥北桥底', -120, -380), community: '河东社区', opened_at: ago(9000), still: 'bridge' }),
  ]
}

export const people = (): Person[] => [
  aPerson({ id: id(201), name: '周敏', post: '网格员', unit: '河东社区', ...at(-480, -560), state: 'busy' }),
  aPerson({ id: id(202), name: '王建军', post: '执法队员', unit: '执法中队', ...at(340, -180) }),
  aPerson({ id: id(203), name: '赵海涛', post: '微型消防站', unit: '应急办', ...at(760, -480), fix_source: 'checkin', fix_age_s: null }),
  aPerson({ id: id(204), name: '刘建国', post: '网格员', unit: '柳巷社区', ...at(830, -240), state: 'busy' }),
  aPerson({ id: id(205), name: '何秀兰', post: '社区工作者', unit: '柳巷社区', ...at(890, 470), fix_source: 'post', fix_age_s: null }),
]

export const cameras = (): Camera[] => [[101, '北桥底 1 号枪机', -150, -360], [102, '北侧出入口', 40, -250], [103, '青石大道 17 号杆', 300, 60], [104, '滨江步道 3 号', -420, -480], [105, '南市街口', 560, 210]].map(
  ([n, name, east, north]) => ({
    id: id(n as number), code: `C-${n}`, name: name as string, kind: 'ground', ...at(east as number, north as number), armed: n === 101, registered_only: false, has_stream: true, purpose: '', state: 'live', why: '', since: null, demo: true,
    zones: n === 101 ? { zones: [{ name: '水边', polygon: [[0.12, 0.55], [0.9, 0.5], [0.98, 0.9], [0.05, 0.95]] }], lines: [{ name: '警戒线', points: [[0.1, 0.5], [0.92, 0.45]] }] } : {},
  }),
)

export const candidates = (): Candidate[] => [
  { party: id(202), name: '王建军', post: '执法队员', unit: '执法中队', distance_m: 640, travel_s: 180, fix_source: 'fix', fix_age_s: 12, heard_age_s: 12, battery_pct: 76, reasons: ['on_duty', 'free', 'position_fix'] },
  { party: id(203), name: '赵海涛', post: '微型消防站', unit: '应急办', distance_m: 1100, travel_s: 240, fix_source: 'checkin', fix_age_s: null, heard_age_s: 420, battery_pct: 18, reasons: ['on_duty', 'free', 'position_checkin'] },
  { party: id(205), name: '何秀兰', post: '社区工作者', unit: '柳巷社区', distance_m: 1340, travel_s: 900, fix_source: 'post', fix_age_s: null, heard_age_s: null, battery_pct: null, reasons: ['on_duty', 'free', 'position_post', 'asked_before'] },
]

function row(s: number, verb: string, zh: string, who: string | null, more: Partial<TimelineRow> = {}): TimelineRow {
  return { position: 1000 - s, at: ago(s), device_at: null, verb, words: { 'zh-CN': zh, en: zh }, who: who ?? '', screen: '', note: null, blobs: [], facts: {}, ...more }
}

const phrases = [['water_leave', '1', '桥下水深危险，请立即离开水边。'], ['water_leave_firm', '2', '水边的人请注意，水深流急，请马上回到岸上。'], ['wait_there', '3', '请留在原地，工作人员马上就到。'], ['no_swimming', '4', '此处禁止游泳、垂钓，请爱护生命。']] as const

export function detailOf(card: Card): MatterDetail {
  const water = card.id === id(1)
  const verifying = card.state === 'reported_back'
  const action = (name: string, key: string, needs: string[] = [], missing: string[] = []) => ({ action: name, key, needs, missing })
  return {
    card,
    actions: card.state === 'rated' ? [] : verifying
      ? [action('verify_pass', 'E'), action('verify_return', 'X', ['reason']), action('note', 'N', ['note']), action('picture', 'P', ['blobs'])]
      : [
          ...(card.confirmed ? [] : [action('confirm', 'A'), action('false_alarm', 'X', ['reason'])]),
          action('dispatch', 'D', ['party']), action('feedback', 'E', ['note']), action('escalate', 'U', ['reason']), action('emergency', 'F', ['reason']), action('note', 'N', ['note']), action('picture', 'P', ['blobs']),
          ...(card.state === 'reported' ? [action('merge', 'M', ['into']), action('transfer', '', ['reason'])] : []),
        ],
    timeline: [
      row(137, 'matter.reported', '发现并上报', null, { screen: 'media', blobs: [{ sha256: 'bridge', type: 'image/jpeg' }] }),
      ...(water ? [
        row(136, 'plan.started', '启动预案', null, { screen: 'plan' }),
        row(135, 'announcement.playing', '喇叭「桥下喇叭」开始喊话', null, { screen: 'voice' }),
        row(134, 'task.offered', '派单给 周敏', null, { screen: 'plan' }),
        row(128, 'announcement.played', '喇叭「桥下喇叭」喊话完毕', null, { screen: 'voice', blobs: [{ sha256: 'heard', type: 'audio/wav' }] }),
        row(96, 'task.accepted', '周敏 接单', '周敏', { screen: 'm' }),
        row(41, 'matter.acted', '备注', '陈静', { screen: 'desk', note: '已电话联系桥下值守点' }),
      ] : []),
    ],
    tasks: card.on_way ? [aTask({ id: id(301), matter: card.id, number: card.number, title: card.title, party: card.on_way.party, name: card.on_way.name, place: card.place, severity: card.severity, state: card.on_way.state, offered_at: ago(134), expires_at: ago(74), due_at: card.due_at, distance_m: 380 })] : [],
    plan: water ? {
      run: id(401), pack: 'water_fence', started_at: ago(136), ended_at: null, name: title('涉水警戒处置', 'Water fence response'),
      steps: [
        { id: id(411), step: 'speak', do: 'announce', name: title('喊话劝离', 'Speak'), state: 'done', due_at: ago(136), done_at: ago(128), result: { outcome: 'played' } },
        { id: id(412), step: 'send', do: 'dispatch', name: title('派就近力量', 'Send the nearest'), state: 'done', due_at: ago(136), done_at: ago(134), result: { party: id(201) } },
        { id: id(413), step: 'look', do: 'look', name: title('再看现场', 'Look again'), state: 'done', due_at: ago(116), done_at: ago(116), result: { found: 'not_clear', count: 1 } },
        { id: id(414), step: 'speak_firmly', do: 'announce', name: title('再次喊话', 'Speak firmly'), state: 'running', due_at: ago(4), done_at: null, result: {} },
        { id: id(415), step: 'look_again', do: 'look', name: title('再看现场', 'Look again'), state: 'waiting', due_at: ahead(12), done_at: null, result: {} },
        { id: id(416), step: 'tell_lead', do: 'tell_lead', name: title('报值班长', 'Tell the duty lead'), state: 'waiting', due_at: null, done_at: null, result: {} },
      ],
    } : null,
    lead: null,
    evidence: card.still ? [{ sha256: card.still, type: 'image/jpeg', what: 'still' as const, at: card.opened_at }, ...(water ? [{ sha256: 'clip', type: 'video/mp4', what: 'clip' as const, at: card.opened_at, began_at: ago(167) }, { sha256: 'heard', type: 'audio/wav', what: 'heard' as const, at: ago(128) }] : [])] : [],
    loudspeakers: [{ id: id(501), name: '桥下喇叭', distance_m: 40, volume: 70, state: 'online', ...at(0, 40), phrases: phrases.map(([phrase, key, text]) => ({ phrase, key, text, life_safety: key !== '4', own: true })) }],
    camera: cameras().find((one) => one.id === card.camera) ?? null,
    merged: [], deadlines: [],
    announcements: water ? [anAnnouncement({ id: id(601), state: 'played' }), anAnnouncement({ id: id(602), text: phrases[1][2], state: 'playing' })] : [],
    trace: { records: 9, sealed: 9, position: 1000, head: 'abc' },
  }
}

const line = (coordinates: number[][], properties: object) => ({ type: 'Feature', properties, geometry: { type: 'LineString', coordinates } })
const ll = (east_m: number, north_m: number) => [at(east_m, north_m).lon, at(east_m, north_m).lat]

export function baseMap(): object {
  const range = (from: number, to: number, by: number) => Array.from({ length: Math.ceil((to - from) / by) }, (_, i) => from + i * by)
  const of = (features: object[]) => ({ type: 'FeatureCollection', features })
  const square = (east: number, north: number, w: number, h: number, properties: object) => ({ type: 'Feature', properties, geometry: { type: 'Polygon', coordinates: [[ll(east, north), ll(east + w, north), ll(east + w, north + h), ll(east, north + h), ll(east, north)]] } })
  return {
    land: of([square(-3000, -2500, 6000, 5000, { name: '青石街道', kind: 'street' })]),
    water: of([square(-3000, -800, 6000, 160, { name: '青石河', kind: 'river' })]),
    park: of([square(900, -600, 420, 260, { name: '青石公园', kind: 'green' })]),
    road: of([
      ...range(-2000, 2001, 170).map((x) => line([ll(x, -640), ll(x, 1800)], { kind: 'minor', name: '' })),
      ...range(-600, 1800, 130).map((y) => line([ll(-2200, y), ll(2200, y)], { kind: 'minor', name: '' })),
      line([ll(-2200, 40), ll(2200, 90)], { kind: 'major', name: '青石大道' }), line([ll(-760, -1500), ll(-700, 1800)], { kind: 'major', name: '解放路' }), line([ll(1150, -1500), ll(1100, 1800)], { kind: 'major', name: '站前路' }),
    ]),
    rail: of([]),
    building: of(range(-1900, 1900, 170).flatMap((x) => range(-560, 1700, 130).map((y) => square(x + 25, y + 25, 110, 75, { kind: 'building' })))),
    boundary: of([line([ll(-100, -640), ll(-60, 1800)], { kind: 'community', name: '河东社区' })]),
    label: of([['河东社区', 300, 420], ['临江社区', 900, -900], ['槐荫社区', -600, 700]].map(([name, x, y]) => ({ type: 'Feature', properties: { name, kind: 'community', rank: 1 }, geometry: { type: 'Point', coordinates: ll(x as number, y as number) } }))),
  }
}
