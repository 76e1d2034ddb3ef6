import { defineStore } from 'pinia'
import { shallowRef } from 'vue'

/** The dialogs of the frame; one is open at a time. */
export type DialogId = 'palette' | 'shortcuts' | 'keep-layout' | 'about' | 'home'

/** Which dialog is open. */
export const useDialogs = defineStore('dialogs', () => {
  const current = shallowRef<DialogId>()
  /** What the palette begins with, such as `@` for nodes. */
  const begin = shallowRef('')
  return {
    current,
    begin,
    open(dialog: DialogId, text = ''): void {
      begin.value = text
      current.value = dialog
    },
    close(): void {
      current.value = undefined
    },
  }
})
