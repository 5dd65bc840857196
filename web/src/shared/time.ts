// SPDX-License-Identifier: Apache-2.0

const two = (n: number) => String(n).padStart(2, '0')

/** A span as a clock reads it: 2:17, 1:02:10. Negative spans count as zero. */
export function spanText(span_s: number): string {
  const s = Math.max(0, Math.floor(span_s))
  const [h, m] = [Math.floor(s / 3600), Math.floor(s / 60) % 60]
  return h > 0 ? `${h}:${two(m)}:${two(s % 60)}` : `${two(m)}:${two(s % 60)}`
}

/** Local time of day, 24 hours: 14:26:08. */
export function clockText(at: Date | string | number): string {
  const date = new Date(at)
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`
}

/** An ISO 8601 span that machines and screen readers understand, for <time datetime>. */
export function isoSpan(span_s: number): string {
  return `PT${Math.max(0, Math.floor(span_s))}S`
}

export function secondsBetween(earlier: string, later_ms: number): number {
  return (later_ms - Date.parse(earlier)) / 1000
}
