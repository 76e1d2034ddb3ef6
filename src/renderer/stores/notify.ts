import { plainLine } from '../view/readable-text.ts'

/** Whether this window shows notifications itself: in the desktop the main process does. */
const isBrowser = () => window.millrace === undefined && 'Notification' in window

/** Says in words where notices go beside this window. */
export function notifying(): string {
  if (window.millrace) return 'While the window is not in front, the desktop shows it as a notification.'
  if (!isBrowser()) return 'This browser has no notifications: the notice in the window alone tells it.'
  switch (Notification.permission) {
    case 'granted':
      return 'While this page is not in sight, the browser shows it as a notification.'
    case 'denied':
      return 'The browser does not let this page show notifications: allow them in its settings, or the notice in the window alone tells it.'
    case 'default':
      return 'The browser will ask whether this page may show notifications while it is not in sight.'
  }
}

/** Asks the person whether notifications may be shown, where nobody has answered yet. */
export async function askToNotify(): Promise<void> {
  if (isBrowser() && Notification.permission === 'default') await Notification.requestPermission()
}

/** Shows a notification of the browser while the page is not looked at; does nothing where that is not allowed, or the desktop does it. */
export function notify(title: string, text: string): void {
  if (!isBrowser() || Notification.permission !== 'granted' || document.hasFocus()) return
  const shown = new Notification(plainLine(title, 240), { body: plainLine(text, 240), tag: title })
  shown.addEventListener('click', () => {
    window.focus()
    shown.close()
  })
}
