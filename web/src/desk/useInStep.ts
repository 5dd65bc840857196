// SPDX-License-Identifier: Apache-2.0
import { onScopeDispose, watch, type Ref } from 'vue'
import { seat } from '@/api/seat'

type Word = { matter: string | null; camera: string | null }

/**
 * The windows of one desk in step: what is chosen in one is chosen in all. Words go from window
 * to window of this browser and this seat only; what they name is read by each from the platform.
 *
 * The desk itself leads: a second window speaks only while somebody works in it, so that what it
 * shows by itself, as when it opens, moves nothing on the desk.
 */
export function useInStep(leads: boolean, matter: Ref<string | null>, camera: Ref<string | null>, follow: { matter: (id: string) => void; camera: (id: string | null) => void }): void {
  const channel = new BroadcastChannel(`jiedao.desk.${seat()}`)
  let heard: Word = { matter: null, camera: null }

  const mayTell = () => leads || document.hasFocus()

  channel.onmessage = (event: MessageEvent<Word | 'where'>) => {
    if (event.data === 'where') return void (leads && tell())
    heard = event.data
    if (heard.matter !== null && heard.matter !== matter.value) follow.matter(heard.matter)
    if (heard.camera !== camera.value) follow.camera(heard.camera)
  }

  function tell(): void {
    channel.postMessage({ matter: matter.value, camera: camera.value } satisfies Word)
  }

  // What was just heard is not told back.
  watch([matter, camera], () => mayTell() && (matter.value !== heard.matter || camera.value !== heard.camera) && tell())
  if (!leads) channel.postMessage('where')
  onScopeDispose(() => channel.close())
}
