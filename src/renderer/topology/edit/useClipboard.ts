import { useEventListener } from '@vueuse/core'
import { shallowRef } from 'vue'
import { isLayerOpen, isWriting } from '../../actions/useShortcuts.ts'
import { useEditing } from './useEditing.ts'
import { useEdits } from './useEdits.ts'

/**
 * Copying nodes as JSON text and pasting such text. It follows the clipboard events of the page, which need no permission and carry
 * whatever another window or an editor has copied.
 */
export function useClipboard(targetInstance: () => string | undefined) {
  const editing = useEditing()
  const edits = useEdits()
  const last = shallowRef<string>()

  function isOurs(event: ClipboardEvent): boolean {
    const isOnCanvas = event.target instanceof Element && event.target.closest('[data-panel="canvas"]') !== null
    const hasText = (document.getSelection()?.toString() ?? '') !== ''
    return editing.isOn && isOnCanvas && !hasText && !isWriting(event.target) && !isLayerOpen(document)
  }
  function take(event: ClipboardEvent): boolean {
    const text = isOurs(event) ? edits.copyText() : undefined
    if (text === undefined) return false
    last.value = text
    event.clipboardData?.setData('text/plain', text)
    event.preventDefault()
    return true
  }
  const paste = (text: string) => {
    const instance = targetInstance()
    if (instance !== undefined) void edits.paste(instance, text)
  }
  useEventListener(document, 'copy', take)
  useEventListener(document, 'cut', (event) => {
    if (take(event)) void edits.remove(editing.marked)
  })
  useEventListener(document, 'paste', (event) => {
    if (!isOurs(event)) return
    event.preventDefault()
    paste(event.clipboardData?.getData('text/plain') ?? '')
  })

  /** Puts the marked nodes on the clipboard without its keys. */
  function copy(): void {
    const text = edits.copyText()
    if (text === undefined) return
    last.value = text
    const field = document.createElement('textarea')
    field.value = text
    document.body.append(field)
    field.select()
    // The only way that asks for no permission, which this window never grants.
    document.execCommand('copy')
    field.remove()
  }
  return {
    /** What was copied here last: a page cannot read the clipboard unasked. */
    last,
    copy,
    cut(): void {
      copy()
      void edits.remove(editing.marked)
    },
    paste,
  }
}
