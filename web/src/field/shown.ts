// SPDX-License-Identifier: Apache-2.0
import type { TaskState } from '@/matters/api'
import type { PhoneTask, Today } from './api'
import { inOrder, isUnsent, type Entry } from './outbox/entry'

export type Answer = 'accept' | 'refuse' | 'arrive' | 'begin' | 'report'

const leads: Record<Answer, TaskState> = { accept: 'accepted', refuse: 'refused', arrive: 'on_scene', begin: 'on_scene', report: 'done' }
const way: readonly TaskState[] = ['offered', 'accepted', 'on_scene', 'done']

export const chainOf = (task: string): string => `task:${task}`
export const pathOf = (task: string, answer: Answer): string => `/tasks/${task}/acts/${answer}`
export const checkInPath = '/shifts/check-in'
export const checkOutPath = '/shifts/check-out'
export const shiftChain = 'shift'

/** A task with what its worker did to it and the platform does not know yet. */
export type ShownTask = PhoneTask & {
  /** The acts that are on their way or were refused, oldest first. */
  acts: readonly Entry[]
}

/**
 * A task as it stands on the phone: the platform's word, moved on by the acts that wait.
 *
 * A failed act moves nothing, nor does anything behind it: the task stands where it truly is.
 */
export function shownTask(task: PhoneTask, entries: readonly Entry[]): ShownTask {
  const mine = inOrder(entries.filter((entry) => entry.chain === chainOf(task.id)))
  let { state, begun_at } = task
  for (const entry of mine) {
    if (entry.state === 'failed') break
    const answer = entry.path.split('/').at(-1) as Answer
    const next = leads[answer]
    if (answer === 'begin') begun_at ??= entry.made_at
    const isAhead = next === 'refused' ? state === 'offered' : way.indexOf(next) > way.indexOf(state)
    if (way.includes(state) && isAhead) state = next
  }
  return { ...task, state, begun_at, acts: mine.filter(isUnsent) }
}

export type Shown = {
  offered: ShownTask[]
  /** Accepted or on scene, the earliest deadline first; without one last. */
  active: ShownTask[]
  done: ShownTask[]
  checked_in_at: string | null
}

export function shown(today: Today, entries: readonly Entry[]): Shown {
  const all = [...today.tasks, ...today.done].map((task) => shownTask(task, entries))
  const active = all.filter((task) => task.state === 'accepted' || task.state === 'on_scene')
  return {
    offered: all.filter((task) => task.state === 'offered'),
    active: active.sort(byDeadline),
    done: all.filter((task) => !['offered', 'accepted', 'on_scene'].includes(task.state)),
    checked_in_at: onDutySince(today.shift.checked_in_at, entries),
  }
}

function onDutySince(known: string | null, entries: readonly Entry[]): string | null {
  let since = known
  for (const entry of inOrder(entries.filter((one) => one.chain === shiftChain && isUnsent(one)))) {
    if (entry.state === 'failed') break
    since = entry.path === checkInPath ? (since ?? entry.made_at) : null
  }
  return since
}

const dueOf = (task: PhoneTask) => (task.due_at === null ? Infinity : Date.parse(task.due_at))

export function byDeadline(a: PhoneTask, b: PhoneTask): number {
  return dueOf(a) - dueOf(b) || a.severity - b.severity || (a.offered_at < b.offered_at ? -1 : 1)
}
