import { InvalidArgumentError, type Command } from 'commander'
import type { CommandContext } from '../command-context.ts'
import { parseDuration } from '../duration.ts'
import { runLab, type RunOptions } from '../headless-run.ts'
import { statesOption } from '../states-argument.ts'
import { portBaseOption } from '../port-arguments.ts'

const mostApart = 1_000_000

function parseOneIn(text: string): number {
  const oneIn = /^\d{1,7}$/.test(text) ? Number(text) : 0
  if (oneIn >= 1 && oneIn <= mostApart) return oneIn
  throw new InvalidArgumentError(`expected a whole number from 1 to ${mostApart}`)
}

/** `millrace run`: runs a lab without a window. */
export function addRun(root: Command, context: CommandContext): void {
  root
    .command('run')
    .summary('run a lab or a graph without a window')
    .description(
      'Starts every instance and prints what they log, until the time is over or Ctrl-C. Running a file is trusting it.',
    )
    .argument('<file>', 'a lab or graph file')
    .option('--for <time>', 'stop after this time: 500ms, 20s, 5m, 2h', parseDuration)
    .option('--json', 'print lines of JSON: log, instance, and one summary last')
    .option('--allow-exec', 'let nodes run programs (the Exec actor)')
    .option(
      '--follow <N>',
      'follow one in N messages through nodes and instances; shows the slowest at the end',
      parseOneIn,
    )
    .addOption(statesOption())
    .addOption(portBaseOption())
    .addHelpText(
      'after',
      `
Ctrl-C lets the instances finish what they have under way; Ctrl-C again ends them at once.
Exit code 0 after a clean stop, 1 if an instance failed, 130 after a second Ctrl-C.

Examples:
  millrace run my.lab.json
  millrace run my.lab.json --for 20s --json | tail -1
  millrace run my.lab.json --port-base 19000
  millrace run my.lab.json --for 20s --follow 100`,
    )
    .action(async (file: string, options: RunOptions) => context.exit(await runLab(file, options, context)))
}
