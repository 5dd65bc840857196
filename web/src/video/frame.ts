// SPDX-License-Identifier: Apache-2.0

/** The picture that a <video> shows now, as JPEG; null while it shows none. */
export function frameOf(video: HTMLVideoElement | null): Promise<Blob | null> {
  if (!video || video.readyState < 2 || video.videoWidth === 0) return Promise.resolve(null)
  const canvas = document.createElement('canvas')
  canvas.width = video.videoWidth
  canvas.height = video.videoHeight
  canvas.getContext('2d')?.drawImage(video, 0, 0)
  return new Promise((done) => canvas.toBlob(done, 'image/jpeg', 0.9))
}
