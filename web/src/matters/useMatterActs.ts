// SPDX-License-Identifier: Apache-2.0
import { computed, shallowRef } from 'vue'
import { Refusal } from '@/api/client'
import { dispatchTo, withdrawTask, type Candidate } from '@/dispatch/api'
import { i18n, said } from '@/i18n'
import { stopStep as stopPlanStep } from '@/plans/api'
import { usePending } from '@/shared/usePending'
import { tell } from '@/ui'
import { stopTalk as stopAnnouncement, talk, type Speech } from '@/voice/api'
import { actOnMatter, type ActBody, type ActionOffer, type MatterDetail, type Task } from './api'
import { nowPlaying } from './playing'
import { wordFor } from './words'

const undo_s = 10
const overridable = new Set(['voice.quiet_hours', 'voice.repeated'])

/** What a person can do from the incident panel; each press is one act, told when it is done. */
export function useMatterActs(detail: () => MatterDetail, answered: (next: MatterDetail) => void, stale: () => void) {
  const { pending, run } = usePending()
  const { t } = i18n.global

  async function act(button: string, offer: ActionOffer | null, body: ActBody = {}): Promise<boolean> {
    // Between the press and the sending the matter may have moved on.
    if (!offer) return void tell(t('told.gone'), { kind: 'bad' }), false
    const next = await run(button, () => actOnMatter(detail().card.id, offer.action, body))
    if (!next) return false
    answered(next)
    tell(t('told.acted', { action: wordFor('action', button), number: next.card.number }))
    return true
  }

  async function send(candidate: Candidate): Promise<void> {
    const sent = await run(`send:${candidate.party}`, () => dispatchTo(detail().card.id, candidate.party))
    if (!sent) return
    answered(sent)
    const task = sent.tasks.findLast((one) => one.state === 'offered' && one.party === candidate.party)?.id
    tell(t('told.sent', { name: candidate.name }), {
      for_s: undo_s,
      ...(task ? { undo: { label: t('common.undo'), run: () => void withdrawById(task, candidate.name) } } : {}),
    })
  }

  async function withdrawById(task: string, name: string): Promise<void> {
    const next = await run(`withdraw:${task}`, () => withdrawTask(task))
    if (!next) return
    answered(next)
    tell(t('told.withdrawn', { name }))
  }

  /** Words that quiet hours or the repeat limit held back; a reason lets them be said. */
  const blocked = shallowRef<Speech | null>(null)

  async function speak(speech: Speech): Promise<void> {
    blocked.value = null
    const asked = await run('talk', () =>
      talk(detail().card.id, speech).catch((error: unknown) => {
        if (error instanceof Refusal && overridable.has(error.code)) blocked.value = speech
        throw error
      }),
    )
    if (!asked) return
    answered(asked)
    const here = detail().loudspeakers.find((one) => one.id === speech.loudspeaker)
    tell(t('told.speaking', { name: here?.name ?? '' }))
  }

  async function stopTalk(announcement: string): Promise<void> {
    if (await run('stop', () => stopAnnouncement(announcement))) stale()
  }

  async function stopStep(step: string): Promise<void> {
    const found = detail().plan?.steps.find((one) => one.step === step)
    if (!found || !(await run(`step:${step}`, () => stopPlanStep(found.id)))) return
    stale()
    tell(t('told.stopped', { name: said(found.name) }))
  }

  return {
    pending, act, send, speak, blocked, stopTalk, stopStep,
    withdraw: (task: Task) => withdrawById(task.id, task.name),
    playing: computed(() => nowPlaying(detail())),
  }
}
