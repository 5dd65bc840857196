// SPDX-License-Identifier: Apache-2.0

// Enough to read a sign across a street; a tenth of what a phone's camera gives.
const longest_px = 1920
const quality = 0.85
const type = 'image/jpeg'

/** A photo redrawn upright and small, as JPEG bytes; null when this phone cannot open the file. */
export async function shrink(file: Blob): Promise<{ bytes: ArrayBuffer; type: string } | null> {
  try {
    const picture = await createImageBitmap(file, { imageOrientation: 'from-image' })
    const scale = Math.min(1, longest_px / Math.max(picture.width, picture.height))
    const canvas = document.createElement('canvas')
    canvas.width = Math.max(1, Math.round(picture.width * scale))
    canvas.height = Math.max(1, Math.round(picture.height * scale))
    canvas.getContext('2d')?.drawImage(picture, 0, 0, canvas.width, canvas.height)
    picture.close()
    const small = await new Promise<Blob | null>((done) => canvas.toBlob(done, type, quality))
    return small && { bytes: await small.arrayBuffer(), type }
  } catch {
    return null
  }
}
