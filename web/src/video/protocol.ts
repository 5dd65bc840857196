// SPDX-License-Identifier: Apache-2.0

/** First on the socket, and again when the camera came back: what the pieces after it are. */
export type VideoHead = { mime: string; width: number; height: number; at?: string }

/** Instead of pictures: why there are none. */
export type VideoTrouble = { code: string }

export function parseVideoText(text: string): VideoHead | VideoTrouble | null {
  try {
    const message = JSON.parse(text) as Partial<VideoHead & VideoTrouble>
    if (typeof message.mime === 'string') return message as VideoHead
    return typeof message.code === 'string' ? { code: message.code } : null
  } catch {
    return null
  }
}

/**
 * Where the player should be, given what has arrived. All in seconds of media time.
 *
 * Live means near the newest piece: far behind it jumps, a little behind it runs slightly faster,
 * and it always keeps a piece in hand so that it does not stutter.
 */
export function liveStep(current_s: number, buffered: { start_s: number; end_s: number }): { jump_to_s: number | null; rate: number } {
  const behind_s = buffered.end_s - current_s
  const outside = current_s < buffered.start_s - 0.05 || behind_s < -0.1
  if (outside || behind_s > 1.5) return { jump_to_s: Math.max(buffered.start_s, buffered.end_s - 0.3), rate: 1 }
  return { jump_to_s: null, rate: behind_s > 0.6 ? 1.08 : 1 }
}
