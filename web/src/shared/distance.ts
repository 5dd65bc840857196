// SPDX-License-Identifier: Apache-2.0
export type Spot = { lon: number; lat: number }

const earth_m = 6_371_008.8
const rad = Math.PI / 180

/** Great-circle distance in metres between two WGS-84 positions. */
export function distance_m(a: Spot, b: Spot): number {
  const [dLat, dLon] = [(b.lat - a.lat) * rad, (b.lon - a.lon) * rad]
  const h = Math.sin(dLat / 2) ** 2 + Math.cos(a.lat * rad) * Math.cos(b.lat * rad) * Math.sin(dLon / 2) ** 2
  return 2 * earth_m * Math.asin(Math.min(1, Math.sqrt(h)))
}

/** 380 m, 1.1 km. The space is a no-break one. */
export function distanceText(metres: number): string {
  return metres < 995 ? `${Math.round(metres / 10) * 10}\u00a0m` : `${(metres / 1000).toFixed(1)}\u00a0km`
}

/** A ring around a spot, as lon/lat corners, for the map. */
export function ringAround(middle: Spot, radius_m: number, corners = 72): [number, number][] {
  const dLat = radius_m / earth_m / rad
  const dLon = dLat / Math.cos(middle.lat * rad)
  return Array.from({ length: corners + 1 }, (_, i) => {
    const angle = (i / corners) * 2 * Math.PI
    return [middle.lon + dLon * Math.cos(angle), middle.lat + dLat * Math.sin(angle)]
  })
}

export function spotOf(thing: { lon: number | null; lat: number | null } | null | undefined): Spot | null {
  return thing && thing.lon !== null && thing.lat !== null ? { lon: thing.lon, lat: thing.lat } : null
}
