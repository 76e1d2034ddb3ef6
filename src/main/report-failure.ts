import { app, dialog } from 'electron'
import { describeError } from '../shared/index.ts'

/** Says why the window cannot be shown, on the terminal and in a box, and ends the program. */
export function reportFailure(error: unknown): void {
  const text = describeError(error)
  process.stderr.write(`millrace: ${text.replaceAll(/\p{Cc}+/gu, ' ')}\n`)
  // Whoever started it from a terminal has read it there; a box would only wait to be clicked away.
  if (process.env['MILLRACE_READY_LINE'] === undefined) dialog.showErrorBox('Millrace cannot open this lab', text)
  app.exit(1)
}
