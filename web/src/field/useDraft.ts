// SPDX-License-Identifier: Apache-2.0
import { onScopeDispose, reactive, ref, watch } from 'vue'
import { newId } from '@/api/ids'
import type { Photo } from './outbox/entry'
import type { Draft, Store } from './outbox/store'
import { shrink } from './photos'

const quiet_ms = 400
export const most_photos = 9

/** A form that keeps itself: photos at once, words when the typing rests. */
export function useDraft(store: Store, key: string) {
  const draft = reactive<Draft>({ key, words: '', chips: [], item: '', photos: [] })
  const pictures = reactive(new Map<string, string>())
  const busy = ref(false)
  /** A photo that this phone cannot open or keep. */
  const bad = ref<'unreadable' | 'no_room' | null>(null)
  const saved = ref(false)
  let timer: ReturnType<typeof setTimeout> | undefined
  let finished = false

  function show(photo: string, bytes: ArrayBuffer, type: string): void {
    pictures.set(photo, URL.createObjectURL(new Blob([bytes], { type })))
  }

  const ready = (async () => {
    const kept = await store.draft(key).catch(() => null)
    if (!kept) return
    Object.assign(draft, kept)
    saved.value = true
    for (const photo of kept.photos) {
      const bytes = await store.bytes(photo.id)
      if (bytes) show(photo.id, bytes, photo.type)
    }
  })()

  async function take(files: readonly File[]): Promise<void> {
    busy.value = true
    bad.value = null
    for (const file of files.slice(0, most_photos - draft.photos.length)) {
      const small = await shrink(file)
      if (!small) {
        bad.value = 'unreadable'
        continue
      }
      const photo: Photo = {
        id: newId(), type: small.type, size_bytes: small.bytes.byteLength, taken_at: new Date().toISOString(),
        upload: null, sent_bytes: 0, sha256: null,
      }
      try {
        await store.putPhoto(photo.id, small.bytes, { ...draft, photos: [...draft.photos, photo] })
      } catch (error) {
        console.error('draft', error)
        bad.value = 'no_room'
        continue
      }
      draft.photos.push(photo)
      show(photo.id, small.bytes, small.type)
      saved.value = true
    }
    busy.value = false
  }

  async function drop(photo: Photo): Promise<void> {
    draft.photos = draft.photos.filter((one) => one.id !== photo.id)
    URL.revokeObjectURL(pictures.get(photo.id) ?? '')
    pictures.delete(photo.id)
    await store.putDraft(draft)
    await store.dropPhoto(photo.id)
  }

  async function save(): Promise<void> {
    if (finished) return
    await store.putDraft(draft).then(() => (saved.value = true), () => (bad.value = 'no_room'))
  }

  watch(
    () => [draft.words, draft.item, draft.chips.join()],
    () => {
      clearTimeout(timer)
      timer = setTimeout(() => void save(), quiet_ms)
    },
  )
  /** The form was sent: what was typed last must not bring it back. */
  function finish(): void {
    finished = true
    clearTimeout(timer)
  }
  onScopeDispose(() => {
    clearTimeout(timer)
    if (!finished && (draft.words || draft.chips.length > 0 || draft.item || draft.photos.length > 0)) void save()
    for (const address of pictures.values()) URL.revokeObjectURL(address)
  })
  return { draft, pictures, busy, bad, saved, ready, take, drop, finish }
}
