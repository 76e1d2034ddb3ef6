import { app, type Session, type WebContents } from 'electron'
import { appOrigin } from './app-scheme.ts'

/** Denies every window of the program what only web pages of strangers would want: permissions, navigation, new windows, web views. */
export function lockDownWindows(): void {
  app.on('web-contents-created', (_event, contents) => {
    contents.on('will-navigate', (event) => {
      if (!isOwnPage(event.url)) event.preventDefault()
    })
    contents.on('will-redirect', (event) => {
      if (!isOwnPage(event.url)) event.preventDefault()
    })
    contents.on('will-attach-webview', (event) => event.preventDefault())
    contents.setWindowOpenHandler(() => ({ action: 'deny' }))
  })
}

/** Denies a session every permission and every device. */
export function lockDownSession(session: Session): void {
  session.setPermissionRequestHandler((_contents, _permission, answer) => answer(false))
  session.setPermissionCheckHandler(() => false)
  session.setDevicePermissionHandler(() => false)
}

/** Whether what a window shows now is our own page, and so may have the contract. */
export function showsOwnPage(contents: WebContents): boolean {
  return isOwnPage(contents.getURL())
}

/** The panel that a page of ours asks to see in a window of its own; undefined for any other address. */
export function panelOfPopOut(url: string): string | undefined {
  const { host, pathname, protocol, searchParams } = new URL(url)
  const isOurs = `${protocol}//${host}` === appOrigin && pathname === '/index.html'
  return isOurs ? (searchParams.get('panel') ?? undefined) : undefined
}

function isOwnPage(url: string): boolean {
  return url === appOrigin || url.startsWith(`${appOrigin}/`)
}
