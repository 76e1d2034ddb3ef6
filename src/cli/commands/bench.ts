import { type Command, InvalidArgumentError } from 'commander'
import { benches } from '../../lab/index.ts'
import { runBenches, type BenchOptions } from '../bench-run.ts'
import type { CommandContext } from '../command-context.ts'

/** `millrace bench`: measures the runtime and its links on this machine. */
export function addBench(root: Command, context: CommandContext): void {
  const width = Math.max(...benches.map(({ name }) => name.length))
  const list = benches.map(({ name, about }) => `  ${name.padEnd(width)}  ${about}`).join('\n')
  root
    .command('bench')
    .summary('measure how fast messages move on this machine')
    .description(
      'Measures Millrace against the least that could do the same work (the floor), the two by turns: each sample in a fresh process, of links in one pair of processes.',
    )
    .argument('[name...]', 'benches to run; when none is named, all but slow-sink, which takes a minute')
    .option('--json', 'print each bench as a line of JSON')
    .option('--runs <n>', 'pairs of samples of each bench; of links at least 9', parseRuns, 5)
    .addHelpText(
      'after',
      `
Benches:
${list}

A ratio is Millrace's figure divided by the floor's, both medians: of a rate, more is better; of a time, less.
Close what else is busy: both halves of a pair meet the same noise, but not to the same degree.
Ctrl-C ends it at once, with exit code 130.

Examples:
  millrace bench
  millrace bench chain latency --json
  millrace bench spawn --runs 11`,
    )
    .action(async (names: string[], options: BenchOptions) => context.exit(await runBenches(names, options, context)))
}

function parseRuns(text: string): number {
  const runs = /^\d{1,3}$/.test(text) ? Number(text) : 0
  if (runs >= 1) return runs
  throw new InvalidArgumentError('expected a whole number from 1 to 999')
}
