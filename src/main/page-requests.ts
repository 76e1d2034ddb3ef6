import type { WebContents } from 'electron'
import { showsOwnPage } from './lock-down.ts'

/** What the native side asks of the page: a menu item, a link that was agreed to, a notification that was clicked. */
export type PageRequest =
  { type: 'action'; id: string } | { type: 'join'; endpoint: string } | { type: 'select'; instance: string }

/** The one channel from here to the page beside the contract; nothing comes back over it. */
const channel = 'millrace-request'

/** Asks something of the page of a window, if it still shows ours. */
export function askPage(contents: WebContents, request: PageRequest): void {
  if (!contents.isDestroyed() && showsOwnPage(contents)) contents.send(channel, request)
}
