// SPDX-License-Identifier: Apache-2.0
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { effectScope, type EffectScope } from 'vue'
import { singleKeys, useKeys } from './useKeys'

const confirm = vi.fn()
const stop = vi.fn()
let scope: EffectScope

function press(key: string, target: EventTarget = document.body, more: KeyboardEventInit = {}): void {
  target.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...more }))
}

describe('single keys', () => {
  beforeEach(() => {
    document.body.innerHTML = '<input id="text"><button id="button">b</button>'
    singleKeys.value = true
    confirm.mockClear()
    stop.mockClear()
    scope = effectScope()
    scope.run(() => useKeys(() => ({ A: confirm, Escape: stop })))
  })
  afterEach(() => scope.stop())

  it('work outside text fields, in either case', () => {
    press('a')
    press('A')
    expect(confirm).toHaveBeenCalledTimes(2)
  })

  it('do nothing while somebody types, except Escape', () => {
    press('a', document.getElementById('text')!)
    press('Escape', document.getElementById('text')!)
    expect(confirm).not.toHaveBeenCalled()
    expect(stop).toHaveBeenCalledOnce()
  })

  it('leave the browser its own keys', () => {
    press('a', document.body, { ctrlKey: true })
    press('a', document.body, { metaKey: true })
    expect(confirm).not.toHaveBeenCalled()
  })

  it('do not act twice while a key is held down', () => {
    press('a', document.body, { repeat: true })
    expect(confirm).not.toHaveBeenCalled()
  })

  it('can be turned off', () => {
    singleKeys.value = false
    press('a')
    expect(confirm).not.toHaveBeenCalled()
  })

  it('wait while a dialog is open', () => {
    document.body.innerHTML += '<dialog open></dialog>'
    press('a')
    expect(confirm).not.toHaveBeenCalled()
  })
})
