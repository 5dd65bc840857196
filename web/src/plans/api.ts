// SPDX-License-Identifier: Apache-2.0
import { act, type Words } from '@/api/client'

export type StepState = 'waiting' | 'due' | 'running' | 'done' | 'stopped' | 'failed' | 'skipped'

export type PlanStep = {
  step: string
  name: Words | string
  state: StepState
  due_at: string | null
  done_at: string | null
  result: unknown
}

export type PlanRun = { run?: string; id?: string; pack: string; name: Words | string; steps: PlanStep[] }

export const stopStep = (run: string, step: string) => act<unknown>(`/plan-runs/${run}/steps/${encodeURIComponent(step)}/stop`)
