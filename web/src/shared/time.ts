// SPDX-License-Identifier: Apache-2.0

const two = (n: number) => String(n).padStart(2, '0')

/** A span as a clock reads it: 2:17, 1:02:10. Negative spans count as zero. */
export function spanText(span_s: number): string {
  const s = Math.max(0, Math.floor(span_s))
  const [h, m] = [Math.floor(s / 3600), Math.floor(s / 60) % 60]
  return h > 0 ? `${h}:${two(m)}:${two(s % 60)}` : `${two(m)}:${two(s % 60)}`
}

/** The town's clock, whatever the zone of the computer that shows it. */
const town = new Intl.DateTimeFormat('en-GB', {
  timeZone: 'Asia/Shanghai',
  hourCycle: 'h23',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
})

/** Time of day in the town, 24 hours: 14:26:08. */
export function clockText(at: Date | string | number): string {
  return town.format(new Date(at))
}

/** Month, day, hour and minute on the town's calendar and clock. */
export function townTime(at: Date | string | number): { month: number; day: number; hour: number; minute: number } {
  // The zone has no summer time, so moving the moment by it and reading UTC gives the town's parts.
  const date = new Date(new Date(at).getTime() + 8 * 3600_000)
  return { month: date.getUTCMonth() + 1, day: date.getUTCDate(), hour: date.getUTCHours(), minute: date.getUTCMinutes() }
}

/** An ISO 8601 span that machines and screen readers understand, for <time datetime>. */
export function isoSpan(span_s: number): string {
  return `PT${Math.max(0, Math.floor(span_s))}S`
}

export function secondsBetween(earlier: string, later_ms: number): number {
  return (later_ms - Date.parse(earlier)) / 1000
}

/** Day and time of day in the town, without the year: 05-01 14:26. */
export function townClock(at: Date | string | number): string {
  const { month, day, hour, minute } = townTime(at)
  return `${two(month)}-${two(day)} ${two(hour)}:${two(minute)}`
}
