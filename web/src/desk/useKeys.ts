// SPDX-License-Identifier: Apache-2.0
import { onScopeDispose, ref, watch } from 'vue'

export type KeyMap = Record<string, (event: KeyboardEvent) => void>

const kept = 'jiedao.single_keys'

/** Single letters may be turned off (WCAG 2.1.4); the choice is kept on this machine. */
export const singleKeys = ref(localStorage.getItem(kept) !== 'off')
watch(singleKeys, (on) => localStorage.setItem(kept, on ? 'on' : 'off'))

export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false
  return target.isContentEditable || target.matches('input:not([type=button]):not([type=checkbox]):not([type=radio]):not([type=range]), textarea, select')
}

/**
 * Keys of the duty desk. They do nothing inside text fields, with Ctrl, Alt or Meta held, or when
 * single letters are turned off; those of the page wait while a dialog is open, which may have keys
 * of its own. Escape always reaches its handler.
 */
export function useKeys(keys: () => KeyMap, of: 'page' | 'dialog' = 'page'): void {
  function press(event: KeyboardEvent): void {
    if (event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return
    const name = event.key.length === 1 ? event.key.toUpperCase() : event.key
    const handler = keys()[name]
    if (!handler || (document.querySelector('dialog[open]') !== null) !== (of === 'dialog')) return
    if (name !== 'Escape' && (isTyping(event.target) || !singleKeys.value || (event.repeat && name.length === 1 && !'JK'.includes(name)))) return
    // Enter and Space belong to the button that has the focus.
    if ((name === 'Enter' || name === ' ') && event.target instanceof HTMLElement && event.target.closest('button, a, summary')) return
    event.preventDefault()
    handler(event)
  }
  window.addEventListener('keydown', press)
  onScopeDispose(() => window.removeEventListener('keydown', press))
}
