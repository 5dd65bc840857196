// SPDX-License-Identifier: Apache-2.0
import type { FeatureCollection } from 'geojson'
import type { ExpressionSpecification, LayerSpecification, StyleSpecification } from 'maplibre-gl'

export const baseLayers = ['land', 'water', 'park', 'road', 'rail', 'building', 'boundary', 'label'] as const
export type BaseMap = Record<(typeof baseLayers)[number], FeatureCollection>

/** Colours come from the page's tokens, so that both themes have their own map. */
export type Ink = (name: string) => string
export function inkOf(element: Element): Ink {
  const style = getComputedStyle(element)
  return (name) => style.getPropertyValue(`--${name}`).trim()
}

export const font = ['Noto Sans CJK SC', 'PingFang SC', 'Microsoft YaHei', 'sans-serif']

const kind: ExpressionSpecification = ['get', 'kind']
const isMajor: ExpressionSpecification = ['in', kind, ['literal', ['major', 'motorway']]]
const isMinor: ExpressionSpecification = ['!', isMajor]

function grow(...stops: [number, number][]): ExpressionSpecification {
  return ['interpolate', ['exponential', 1.6], ['zoom'], ...stops.flat()] as unknown as ExpressionSpecification
}

function road(id: string, filter: ExpressionSpecification, color: string, width: ExpressionSpecification): LayerSpecification {
  return { id, type: 'line', source: 'road', filter, layout: { 'line-cap': 'round', 'line-join': 'round' }, paint: { 'line-color': color, 'line-width': width } }
}

function text(id: string, source: string, filter: ExpressionSpecification, ink: Ink, color: string, more: { size: ExpressionSpecification | number; line?: boolean; minzoom?: number }): LayerSpecification {
  return {
    id,
    type: 'symbol',
    source,
    filter,
    minzoom: more.minzoom ?? 0,
    layout: {
      'text-field': ['get', 'name'],
      'text-font': font,
      'text-size': more.size,
      'symbol-placement': more.line ? 'line' : 'point',
      'symbol-spacing': 420,
      'text-max-angle': 30,
    },
    paint: { 'text-color': color, 'text-halo-color': ink('map-halo'), 'text-halo-width': 1.6 },
  }
}

/** The town's own base map, quiet enough that only what lies on it speaks; `scale` is of its words. */
export function styleOf(base: BaseMap, ink: Ink, scale = 1): StyleSpecification {
  const fill = (id: string, color: string): LayerSpecification => ({ id, type: 'fill', source: id, paint: { 'fill-color': color } })
  return {
    version: 8,
    sources: Object.fromEntries(baseLayers.map((name) => [name, { type: 'geojson', data: base[name] }])),
    layers: [
      { id: 'background', type: 'background', paint: { 'background-color': ink('map-land') } },
      fill('park', ink('map-park')),
      fill('water', ink('map-water')),
      { ...fill('building', ink('map-building')), minzoom: 13 } as LayerSpecification,
      road('road-minor', isMinor, ink('map-minor'), grow([11, 0.4], [14, 2], [17, 9])),
      road('road-case', isMajor, ink('map-case'), grow([10, 1.6], [14, 7], [17, 24])),
      road('road-major', isMajor, ink('map-major'), grow([10, 0.9], [14, 5], [17, 19])),
      { id: 'rail', type: 'line', source: 'rail', paint: { 'line-color': ink('map-rail'), 'line-width': 2, 'line-dasharray': [4, 2] } },
      { id: 'boundary', type: 'line', source: 'boundary', paint: { 'line-color': ink('map-boundary'), 'line-width': 1, 'line-dasharray': [1, 3] } },
      text('road-name', 'road', isMajor, ink, ink('map-label-2'), { size: 13 * scale, line: true, minzoom: 13 }),
      text('place-name', 'label', ['!=', kind, 'community'], ink, ink('map-label-2'), { size: 13 * scale, minzoom: 12.5 }),
      text('community-name', 'label', ['==', kind, 'community'], ink, ink('map-label'), { size: grow([11, 13 * scale], [15, 20 * scale]) }),
    ],
  }
}

/** Corners (west, south, east, north) of the town's land. */
export function boundsOf(base: BaseMap): [number, number, number, number] | null {
  let box: [number, number, number, number] | null = null
  const visit = (value: unknown): void => {
    if (!Array.isArray(value)) return
    if (typeof value[0] !== 'number') return value.forEach(visit)
    const [lon, lat] = value as [number, number]
    box = box ? [Math.min(box[0], lon), Math.min(box[1], lat), Math.max(box[2], lon), Math.max(box[3], lat)] : [lon, lat, lon, lat]
  }
  for (const feature of base.land.features) visit((feature.geometry as { coordinates?: unknown }).coordinates)
  return box
}
