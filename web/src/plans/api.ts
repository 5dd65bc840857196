// SPDX-License-Identifier: Apache-2.0
import { act } from '@/api/client'
import type { PlanRun, PlanStep, StepStopped } from '@/api/generated'

export type { PlanRun, PlanStep }
export type StepState = PlanStep['state']

export const stopStep = (id: string) => act<StepStopped>(`/plan-steps/${id}/stop`)
