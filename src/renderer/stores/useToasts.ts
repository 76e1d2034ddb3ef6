import { defineStore } from 'pinia'
import { shallowRef } from 'vue'

/** A short notice that can be dismissed. */
export interface Notice {
  id: number
  tone: 'error' | 'done'
  title: string
  text: string
  code?: string
  /** A later one with the same key takes its place. */
  key?: string
}

const noticeLimit = 5

/** The notices on screen, newest last. */
export const useToasts = defineStore('toasts', () => {
  const notices = shallowRef<readonly Notice[]>([])
  let nextId = 1

  /** Shows a notice; the oldest ones make room. */
  function show(notice: Omit<Notice, 'id'>): void {
    const same = (other: Notice) =>
      (other.title === notice.title && other.text === notice.text) ||
      (notice.key !== undefined && other.key === notice.key)
    notices.value = [...notices.value.filter((other) => !same(other)), { ...notice, id: nextId++ }].slice(-noticeLimit)
  }

  /** Takes a notice away. */
  function dismiss(id: number): void {
    notices.value = notices.value.filter((notice) => notice.id !== id)
  }

  return { notices, show, dismiss }
})
