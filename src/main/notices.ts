import { Notification, type BrowserWindow } from 'electron'
import type { Lab } from '../lab/index.ts'

const longest = 240

/** Shows what a person should know of while looking elsewhere as native notifications: crashes and alerts. A click leads to the window. */
export function notifyOf(lab: Lab, window: BrowserWindow, lead: (instance: string) => void): () => void {
  const states = new Map<string, string>()
  /** Kept until they are gone: one that nobody holds is collected, and its click with it. */
  const shown = new Set<Notification>()
  const show = (title: string, body: string, clicked: () => void) => {
    // Whoever looks at the window sees it there.
    if (window.isDestroyed() || window.isFocused() || !Notification.isSupported()) return
    const notification = new Notification({ title: plain(title), body: plain(body) })
    shown.add(notification)
    notification.on('close', () => shown.delete(notification))
    notification.on('click', () => {
      shown.delete(notification)
      window.show()
      window.focus()
      clicked()
    })
    notification.show()
  }
  return lab.subscribe((event) => {
    if (event.type === 'alert') show(event.title, event.text, () => {})
    if (event.type !== 'instance') return
    const { instance, state, reason = '' } = event.description
    const isNew = states.get(instance) !== state
    states.set(instance, state)
    if (isNew && (state === 'crashed' || state === 'failed')) show(`${instance} ${state}`, reason, () => lead(instance))
  })
}

/** Names and reasons come from actors and peers: control and bidirectional characters do not reach the system's own window. */
function plain(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}]+/gu, ' ').slice(0, longest)
}
