// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest'
import { aCard, aPerson } from '../../tests/fake/builders'
import { featuresOf, type Things } from './things'

const place = { id: 'p', name: '滨河桥下', path: '/', lon: 115, lat: 23 }
const things = (more: Partial<Things> = {}): Things => ({ cameras: [], people: [], candidates: [], chosen: null, camera: null, ...more })
const near = { party: 'p1', name: '周敏', post: 'grid_worker', distance_m: 380, travel_s: 110, fix_age_s: 5, unit: '', fix_source: 'fix' as const, heard_age_s: 5, battery_pct: 80, reasons: [] }

describe('what lies on the map', () => {
  it('names people only when they matter to the chosen matter', () => {
    const people = [aPerson({ id: 'p1', name: '周敏', lon: 115, lat: 23 }), aPerson({ id: 'p2', name: '王建军', lon: 115, lat: 23 })]
    const words = featuresOf(things({ people, candidates: [near] })).people.features.map((one) => one.properties?.['words'] as string)
    expect(words).toEqual(['周敏 380\u00a0m', ''])
  })

  it('draws who is on the way, and the rings around the place', () => {
    const chosen = aCard({ place, on_way: { name: '周敏', party: 'p1', state: 'accepted' } })
    const drawn = featuresOf(things({ chosen, people: [aPerson({ name: '周敏', lon: 115.01, lat: 23 })] }))
    expect(drawn.way.features).toHaveLength(1)
    expect(drawn.rings.features.filter((one) => one.geometry.type === 'LineString')).toHaveLength(2)
  })

  it('leaves out what has no position', () => {
    expect(featuresOf(things({ people: [aPerson({ lon: null, lat: null })], chosen: aCard({ place: { ...place, lon: null, lat: null } }) })).people.features).toEqual([])
  })
})
