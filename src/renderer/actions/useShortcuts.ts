import { createKeybindingsHandler } from 'tinykeys'
import { computed, onScopeDispose } from 'vue'
import { useActions } from '../stores/useActions.ts'

/**
 * Does what the keys of the actions say. A key without Ctrl, Alt or ⌘ is a letter to whoever is writing, so it counts only
 * outside of fields; while a dialog is open no key does.
 */
export function useShortcuts(target: Window): void {
  const actions = useActions()
  const handler = computed(() => {
    const bindings: Record<string, (event: KeyboardEvent) => void> = {}
    for (const { id, keys = [] } of actions.all)
      for (const key of keys)
        bindings[key] ??= (event) => {
          if (isLayerOpen(target.document) || (isWriting(event.target) && !/\$mod|Alt|Control|^F\d/u.test(key))) return
          const action = actions.find(id)
          if (!action || event.defaultPrevented) return
          event.preventDefault()
          actions.run(action)
        }
    return createKeybindingsHandler(bindings)
  })
  const listen = (event: KeyboardEvent) => handler.value(event)
  target.addEventListener('keydown', listen)
  onScopeDispose(() => target.removeEventListener('keydown', listen))
}

/** Whether a dialog or a menu is open, to which all keys belong. */
export function isLayerOpen(document: Document): boolean {
  return document.querySelector('[role="dialog"][data-state="open"], [role="menu"][data-state="open"]') !== null
}

function isWriting(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || /^(?:INPUT|TEXTAREA|SELECT)$/u.test(target.tagName)) &&
    !(target instanceof HTMLInputElement && ['checkbox', 'radio', 'button', 'range'].includes(target.type))
  )
}
