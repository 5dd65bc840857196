// SPDX-License-Identifier: Apache-2.0
export type Severity = 1 | 2 | 3 | 4

// Octagon, triangle, diamond, circle in a 24 box: the shape says the level without the colour.
const paths: Record<Severity, string> = {
  1: 'M7.8 1.5h8.4l6.3 6.3v8.4l-6.3 6.3H7.8l-6.3-6.3V7.8z',
  2: 'M12 1.8 23 21.6H1z',
  3: 'M12 .8 23.2 12 12 23.2.8 12z',
  4: 'M12 1.5a10.5 10.5 0 1 1 0 21 10.5 10.5 0 0 1 0-21z',
}

export function glyphPath(level: Severity): string {
  return paths[level]
}
