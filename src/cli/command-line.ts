import { Command, CommanderError } from 'commander'
import { isMillraceError, describeError } from '../shared/index.ts'
import { version } from '../lab/index.ts'
import type { CommandContext } from './command-context.ts'
import type { Console } from './console.ts'
import { addAnalyse } from './commands/analyse.ts'
import { addBench } from './commands/bench.ts'
import { addCertificate } from './commands/certificate.ts'
import { addCheck } from './commands/check.ts'
import { addCompose } from './commands/compose.ts'
import { addJoin } from './commands/join.ts'
import { addConvert } from './commands/convert.ts'
import { addLayout } from './commands/layout.ts'
import { addDiff } from './commands/diff.ts'
import { addMerge } from './commands/merge.ts'
import { addOpen } from './commands/open.ts'
import { addRun } from './commands/run.ts'
import { addSend } from './commands/send.ts'
import { addServe } from './commands/serve.ts'
import { addStatus } from './commands/status.ts'
import type { Installation } from './installation.ts'
import { visible } from './visible.ts'

/** Runs one command line and answers its exit code. Never throws: what went wrong is one line on standard error. */
export async function runCommandLine(args: string[], console: Console, installation: Installation): Promise<number> {
  let code = 0
  const context: CommandContext = { console, installation, exit: (given) => (code = given) }
  try {
    await program(context).parseAsync(args, { from: 'user' })
    return code
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
    console.complain(`millrace: ${visible(describeError(error))}`)
    if (isUnexpected(error) && console.env['MILLRACE_DEBUG']) console.complain(String((error as Error).stack))
    return isMillraceError(error) && error.code === 'USAGE' ? 2 : 1
  }
}

function program(context: CommandContext): Command {
  const { console } = context
  const root = new Command('millrace')
    .description('A lab for running distributed networks of actors, and for watching them live.')
    .version(version, '-v, --version', 'print the version')
    .exitOverride()
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      writeOut: (text) => console.print(text.trimEnd()),
      writeErr: (text) => console.complain(text.trimEnd()),
      outputError: (text, write) => write(usageLine(text, 'millrace')),
    })
    .addHelpText(
      'after',
      `
Examples:
  millrace open                          the shipped weather lab, in a window
  millrace run my.lab.json --for 20s     run a lab without a window
  millrace check my.lab.json             say what is wrong with a file

Exit codes: 0 done, 1 the input or the work failed, 2 wrong usage.`,
    )
  for (const add of [
    addOpen,
    addServe,
    addRun,
    addCheck,
    addAnalyse,
    addDiff,
    addMerge,
    addCompose,
    addLayout,
    addConvert,
    addStatus,
    addJoin,
    addSend,
    addCertificate,
    addBench,
  ])
    add(root, context)
  for (const command of root.commands)
    command.configureOutput({ outputError: (text, write) => write(usageLine(text, `millrace ${command.name()}`)) })
  return root
}

/** Commander's complaint as one line of ours; `command` is the one whose help has the answer. */
function usageLine(text: string, command: string): string {
  const line = text
    .trim()
    .replace(/^error: /, '')
    .replaceAll(/\s*\n\s*/g, ' ')
    .replace(' is invalid. ', ' is invalid: ')
    .replace(/\.$/, '')
  return `millrace: ${visible(line)}; see "${command} --help" [USAGE]`
}

function isUnexpected(error: unknown): boolean {
  return error instanceof Error && !isMillraceError(error)
}
