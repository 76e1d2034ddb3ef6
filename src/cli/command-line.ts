import { Command, CommanderError } from 'commander'
import { isMillraceError, describeError } from '../shared/index.ts'
import { version } from '../lab/index.ts'
import type { CommandContext } from './command-context.ts'
import type { Console } from './console.ts'
import type { Installation } from './installation.ts'
import { visible } from './visible.ts'

type AddCommand = (root: Command, context: CommandContext) => void

/** The commands by their names, in the order of the help. Each reads what it needs when it is asked for: all of it takes 0.3 s to read. */
const commands: Readonly<Record<string, () => Promise<AddCommand>>> = {
  open: async () => (await import('./commands/open.ts')).addOpen,
  serve: async () => (await import('./commands/serve.ts')).addServe,
  run: async () => (await import('./commands/run.ts')).addRun,
  check: async () => (await import('./commands/check.ts')).addCheck,
  analyse: async () => (await import('./commands/analyse.ts')).addAnalyse,
  diff: async () => (await import('./commands/diff.ts')).addDiff,
  merge: async () => (await import('./commands/merge.ts')).addMerge,
  compose: async () => (await import('./commands/compose.ts')).addCompose,
  layout: async () => (await import('./commands/layout.ts')).addLayout,
  convert: async () => (await import('./commands/convert.ts')).addConvert,
  status: async () => (await import('./commands/status.ts')).addStatus,
  join: async () => (await import('./commands/join.ts')).addJoin,
  send: async () => (await import('./commands/send.ts')).addSend,
  certificate: async () => (await import('./commands/certificate.ts')).addCertificate,
  token: async () => (await import('./commands/token.ts')).addToken,
  bench: async () => (await import('./commands/bench.ts')).addBench,
}

/** Runs one command line and answers its exit code. Never throws: what went wrong is one line on standard error. */
export async function runCommandLine(args: string[], console: Console, installation: Installation): Promise<number> {
  let code = 0
  const context: CommandContext = { console, installation, exit: (given) => (code = given) }
  try {
    const root = await program(args, context)
    await root.parseAsync(args, { from: 'user' })
    return code
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
    console.complain(`millrace: ${visible(describeError(error))}`)
    if (isUnexpected(error) && console.env['MILLRACE_DEBUG']) console.complain(String((error as Error).stack))
    return isMillraceError(error) && error.code === 'USAGE' ? 2 : 1
  }
}

async function program(args: readonly string[], context: CommandContext): Promise<Command> {
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
  for (const add of await named(args)) add(root, context)
  for (const command of root.commands) hintAtHelp(command, 'millrace')
  return root
}

function hintAtHelp(command: Command, parent: string): void {
  const name = `${parent} ${command.name()}`
  command.configureOutput({ outputError: (text, write) => write(usageLine(text, name)) })
  for (const inner of command.commands) hintAtHelp(inner, name)
}

/** What adds the command that the arguments begin with; every command where they begin with none, as help and suggestions want them all. */
async function named([first = '']: readonly string[]): Promise<AddCommand[]> {
  const command = Object.hasOwn(commands, first) ? commands[first] : undefined
  if (command) return [await command()]
  if (['-v', '--version'].includes(first)) return []
  return await Promise.all(Object.values(commands).map((read) => read()))
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
