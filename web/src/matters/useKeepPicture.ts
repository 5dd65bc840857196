// SPDX-License-Identifier: Apache-2.0
import { newId } from '@/api/ids'
import { streamLine, upload } from '@/field/outbox/upload'
import { i18n } from '@/i18n'
import { usePending } from '@/shared/usePending'
import { tell } from '@/ui'
import { actOnMatter, type MatterDetail } from './api'
import { mayDo, offerOf } from './offers'

/** Keeps what the screen shows with the matter: first the file, then the act that names it. */
export function useKeepPicture(detail: () => MatterDetail | null, answered: (next: MatterDetail) => void) {
  const { pending, run } = usePending()
  const mayKeep = (): boolean => mayDo(offerOf(detail() ?? { actions: [] }, 'picture'))

  async function keep(picture: { bytes: Blob; words: string } | null): Promise<void> {
    const matter = detail()
    if (!matter || !mayKeep()) return
    const { t } = i18n.global
    if (!picture) return void tell(t('video.nothing_to_keep'), { kind: 'bad' })
    const next = await run('picture', async () => {
      const photo = { id: newId(), type: 'image/jpeg', size_bytes: picture.bytes.size, taken_at: new Date().toISOString(), upload: null, sent_bytes: 0, sha256: null }
      const sha256 = await upload(photo, await picture.bytes.arrayBuffer(), streamLine, () => Promise.resolve())
      return actOnMatter(matter.card.id, 'picture', { blobs: [sha256], note: picture.words })
    })
    if (!next) return
    answered(next)
    tell(t('told.picture', { words: picture.words, number: next.card.number }))
  }

  return { pending, keep, mayKeep }
}
