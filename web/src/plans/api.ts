// SPDX-License-Identifier: Apache-2.0
import { act, type Words } from '@/api/client'

export type StepState = 'waiting' | 'due' | 'running' | 'done' | 'stopped' | 'failed' | 'skipped'

export type PlanStep = {
  id: string
  step: string
  name: Words | string
  state: StepState
  due_at: string | null
  done_at: string | null
  result: Record<string, unknown>
}

export type PlanRun = { run: string; pack: string; name: Words | string; steps: PlanStep[] }

export const stopStep = (id: string) => act<unknown>(`/plan-steps/${id}/stop`)
