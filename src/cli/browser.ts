import open from 'open'
import type { Console } from './console.ts'

/** Shows a URL in the user's browser; failing that is no failure of the command, whose URL stands on the terminal. */
export async function openInBrowser(url: string, console: Console): Promise<void> {
  try {
    const child = await open(url)
    child.on('error', () => console.complain('millrace: no browser could be started; open the URL above yourself'))
  } catch {
    console.complain('millrace: no browser could be started; open the URL above yourself')
  }
}
