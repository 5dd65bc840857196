// SPDX-License-Identifier: Apache-2.0
import { act } from '@/api/client'

export type StepState = 'waiting' | 'due' | 'running' | 'done' | 'stopped' | 'failed' | 'skipped'

export type PlanStep = {
  step: string
  name: string
  state: StepState
  due_at: string | null
  done_at: string | null
  result: unknown
}

export type PlanRun = { run?: string; id?: string; pack: string; name: string; steps: PlanStep[] }

export const stopStep = (run: string, step: string) => act<unknown>(`/plan-runs/${run}/steps/${encodeURIComponent(step)}/stop`)
