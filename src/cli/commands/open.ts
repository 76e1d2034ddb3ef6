import { existsSync } from 'node:fs'
import path from 'node:path'
import type { Command } from 'commander'
import { MillraceError } from '../../shared/index.ts'
import { openInBrowser } from '../browser.ts'
import type { CommandContext } from '../command-context.ts'
import { showInDesktop } from '../desktop.ts'
import { hasDisplay } from '../display.ts'
import { refuseFolder } from '../file-argument.ts'
import { portBaseOption } from '../port-arguments.ts'

/** `millrace open`: shows a lab in a window of its own, or in the browser where there can be none. */
export function addOpen(root: Command, context: CommandContext): void {
  root
    .command('open')
    .summary('show a lab in a window')
    .description(
      'Opens the desktop window of a lab. Where it cannot be had, serves the same window to the browser and says why.',
    )
    .argument('[file]', 'a lab or graph file; the shipped weather lab when left out')
    .addOption(portBaseOption())
    .addHelpText(
      'after',
      `
The desktop's runtime (Electron) is fetched at the first start; ELECTRON_EXEC_PATH names one that is there already.

Examples:
  millrace open
  millrace open my.lab.json --port-base 19000`,
    )
    .action(async (given: string | undefined, { portBase }: { portBase?: number }) => {
      const { console, installation } = context
      const file = path.resolve(given ?? installation.defaultLab)
      if (!existsSync(file)) throw new MillraceError('FILE_NOT_FOUND', `${given ?? file}: there is no such file`)
      refuseFolder(given ?? file)
      const outcome = await showInDesktop({ file, portBase }, context)
      if (outcome.type === 'closed') return context.exit(outcome.code)
      console.complain(`millrace: no desktop window, as ${outcome.reason}; serving it to the browser instead`)
      // The desktop reads the lab in a process of its own; here it would only hold up its start.
      const { serveLab } = await import('../served-lab.ts')
      const ready = (url: string) => void (hasDisplay(process.platform, console.env) && openInBrowser(url, console))
      context.exit(await serveLab({ file, portBase, ready }, context))
    })
}
