// SPDX-License-Identifier: Apache-2.0
import type { Feature, FeatureCollection } from 'geojson'
import type { ExpressionSpecification, LayerSpecification } from 'maplibre-gl'
import type { Camera } from '@/cameras/api'
import type { Candidate, Person } from '@/dispatch/api'
import type { Card } from '@/matters/api'
import { distanceText, ringAround, spotOf } from '@/shared/distance'
import { font, type Ink } from './style'

export type Things = {
  cameras: readonly Camera[]
  people: readonly Person[]
  candidates: readonly Candidate[]
  chosen: Card | null
  camera: string | null
}

export const thingSources = ['rings', 'way', 'cameras', 'people'] as const
export const collection = (features: Feature[] = []): FeatureCollection => ({ type: 'FeatureCollection', features })

function point(lon: number, lat: number, properties: Record<string, unknown>): Feature {
  return { type: 'Feature', geometry: { type: 'Point', coordinates: [lon, lat] }, properties }
}

function line(coordinates: [number, number][], properties: Record<string, unknown> = {}): Feature {
  return { type: 'Feature', geometry: { type: 'LineString', coordinates }, properties }
}

function cameraPoints(things: Things): Feature[] {
  return things.cameras.flatMap((camera) => {
    const at = spotOf(camera)
    return at ? [point(at.lon, at.lat, { id: camera.id, name: camera.name, chosen: camera.id === things.camera })] : []
  })
}

/** Names only where they matter now: who could go to the chosen place, and who is on the way. */
function peoplePoints(things: Things): Feature[] {
  const near = new Map(things.candidates.slice(0, 4).map((one) => [one.party, distanceText(one.distance_m)]))
  return things.people.flatMap((person) => {
    const at = spotOf(person)
    if (!at) return []
    const goes = person.id === things.chosen?.on_way?.party
    const far = near.get(person.id)
    const words = goes || far !== undefined ? [person.name, far].filter(Boolean).join(' ') : ''
    return [point(at.lon, at.lat, { id: person.id, words, busy: person.state !== 'free', fixed: person.fix_source === 'fix' })]
  })
}

/** A straight dashed line: how far, not which road. */
function wayLines(things: Things): Feature[] {
  const to = spotOf(things.chosen?.place)
  const goes = things.chosen?.on_way
  const who = goes && ['accepted', 'on_scene'].includes(goes.state) ? things.people.find((person) => person.id === goes.party) : undefined
  const from = spotOf(who)
  return from && to ? [line([[from.lon, from.lat], [to.lon, to.lat]])] : []
}

function ringLines(things: Things): Feature[] {
  const at = spotOf(things.chosen?.place)
  if (!at) return []
  return [250, 500].flatMap((radius_m) => {
    const corners = ringAround(at, radius_m)
    const north = corners[Math.floor(corners.length / 4)]!
    return [line(corners), point(north[0], north[1], { words: distanceText(radius_m) })]
  })
}

export function featuresOf(things: Things): Record<(typeof thingSources)[number], FeatureCollection> {
  return {
    rings: collection(ringLines(things)),
    way: collection(wayLines(things)),
    cameras: collection(cameraPoints(things)),
    people: collection(peoplePoints(things)),
  }
}

/** Above the base map, in the order of the design: cameras, people, then alarms (own markers). */
export function thingLayers(ink: Ink): LayerSpecification[] {
  const lineKind: ExpressionSpecification = ['==', ['geometry-type'], 'LineString']
  const pointKind: ExpressionSpecification = ['==', ['geometry-type'], 'Point']
  const halo = { 'text-halo-color': ink('map-halo'), 'text-halo-width': 1.8 }
  return [
    { id: 'rings', type: 'line', source: 'rings', filter: lineKind, paint: { 'line-color': ink('t2'), 'line-width': 1.2, 'line-dasharray': [1, 3], 'line-opacity': 0.8 } },
    { id: 'ring-words', type: 'symbol', source: 'rings', filter: pointKind, layout: { 'text-field': ['get', 'words'], 'text-font': font, 'text-size': 13, 'text-anchor': 'bottom-left' }, paint: { 'text-color': ink('t2'), ...halo } },
    { id: 'cameras', type: 'symbol', source: 'cameras', minzoom: 12.5, layout: { 'icon-image': ['case', ['get', 'chosen'], 'camera-chosen', 'camera'], 'icon-allow-overlap': true } },
    { id: 'way', type: 'line', source: 'way', layout: { 'line-cap': 'butt' }, paint: { 'line-color': ink('act'), 'line-width': 3.5, 'line-dasharray': [2, 1.4] } },
    {
      id: 'people',
      type: 'circle',
      source: 'people',
      paint: {
        'circle-radius': ['interpolate', ['linear'], ['zoom'], 11, 2.5, 15, 8],
        'circle-color': ['case', ['get', 'fixed'], ink('act'), ink('bg1')],
        'circle-stroke-color': ['case', ['get', 'fixed'], ink('map-land'), ink('act')],
        'circle-stroke-width': 1.5,
      },
    },
    { id: 'people-words', type: 'symbol', source: 'people', filter: ['!=', ['get', 'words'], ''], layout: { 'text-field': ['get', 'words'], 'text-font': font, 'text-size': 15, 'text-offset': [0, -0.9], 'text-anchor': 'bottom', 'text-allow-overlap': true }, paint: { 'text-color': ink('act'), ...halo } },
  ]
}

/** A hollow grey square, drawn once; white when it is the chosen camera. */
export function cameraIcon(color: string, ground: string): ImageData {
  const canvas = document.createElement('canvas')
  canvas.width = canvas.height = 32
  const pen = canvas.getContext('2d')!
  pen.lineWidth = 4
  pen.strokeStyle = color
  pen.fillStyle = ground
  pen.beginPath()
  pen.roundRect(6, 6, 20, 20, 5)
  pen.fill()
  pen.stroke()
  return pen.getImageData(0, 0, 32, 32)
}
