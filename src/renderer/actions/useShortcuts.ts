import { createKeybindingsHandler } from 'tinykeys'
import { computed, onScopeDispose } from 'vue'
import type { Action } from './action.ts'
import { useActions } from '../stores/useActions.ts'

/**
 * Does what the keys of the actions say. A key without Ctrl, Alt or ⌘ is a letter to whoever is writing, so it counts only
 * outside of fields; while a dialog is open no key does.
 */
export function useShortcuts(target: Window): void {
  const actions = useActions()
  const handler = computed(() => {
    const wanted = new Map<string, Action[]>()
    for (const action of actions.all)
      for (const key of action.areKeysElsewhere ? [] : (action.keys ?? []))
        wanted.set(key, [...(wanted.get(key) ?? []), action])
    return createKeybindingsHandler(
      Object.fromEntries([...wanted].map(([key, candidates]) => [key, (event) => take(event, key, candidates)])),
    )
  })
  function take(event: KeyboardEvent, key: string, candidates: readonly Action[]): void {
    if (event.defaultPrevented || isLayerOpen(target.document)) return
    const here = candidates.filter(({ keysIn }) => counts(keysIn ?? scopeOf(key), event.target))
    if (here.length === 0) return
    // A key of ours is ours even where nothing can be done now: F5 must not load the page anew.
    event.preventDefault()
    const possible = here.filter(({ refusal }) => refusal === undefined)
    // On the canvas its own keys go before those of the whole window.
    const action = possible.find(({ keysIn }) => keysIn === 'canvas') ?? possible[0]
    if (action) actions.run(action)
  }
  const listen = (event: KeyboardEvent) => handler.value(event)
  target.addEventListener('keydown', listen)
  onScopeDispose(() => target.removeEventListener('keydown', listen))
}

/** Whether a dialog or a menu is open, to which all keys belong. */
export function isLayerOpen(document: Document): boolean {
  return document.querySelector('[role="dialog"][data-state="open"], [role="menu"][data-state="open"]') !== null
}

type Scope = NonNullable<Action['keysIn']>

function scopeOf(key: string): Scope {
  return /\$mod|Alt|Control|^F\d/u.test(key) ? 'window' : 'reading'
}

function counts(scope: Scope, target: EventTarget | null): boolean {
  if (scope === 'window') return true
  if (isWriting(target)) return false
  return scope === 'reading' || (target instanceof Element && target.closest('[data-panel="canvas"]') !== null)
}

/** Whether letters typed now are meant for a field. */
export function isWriting(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || /^(?:INPUT|TEXTAREA|SELECT)$/u.test(target.tagName)) &&
    !(target instanceof HTMLInputElement && ['checkbox', 'radio', 'button', 'range'].includes(target.type))
  )
}
