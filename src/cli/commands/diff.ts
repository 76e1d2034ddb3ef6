import type { Command } from 'commander'
import { describeDifference, diffGraphs, mattersToRun, type GraphDifference } from '../../graph/index.ts'
import { fetchStatus, graphOfStatus, readGraphFile } from '../../lab/index.ts'
import type { GraphExport } from '../../shared/index.ts'
import { coloursFor, type Colours } from '../colours.ts'
import type { CommandContext } from '../command-context.ts'
import { readToken, tokenFileOption } from '../token.ts'
import { visible } from '../visible.ts'

interface Options {
  json?: true
  layout?: false
  tokenFile?: string
}

/** `millrace diff`: says how two graphs differ. */
export function addDiff(root: Command, { console, exit }: CommandContext): void {
  root
    .command('diff')
    .summary('say how two graphs differ, or a graph and what runs')
    .description(
      'Compares what two graph files say: nodes, wires, configs, initial messages, groups, notes. How the text is laid out makes no difference. With host:port as the second, compares the nodes and wires that run there; their configs cannot be seen from outside.',
    )
    .argument('<before>', 'a graph file')
    .argument('<after>', 'a graph file, or where an instance listens (host:port)')
    .option('--json', 'print each difference as a line of JSON')
    .option('--no-layout', 'leave out what does not matter to a run: places, labels, groups, notes')
    .addOption(tokenFileOption())
    .addHelpText(
      'after',
      `
+ is only in the second, - only in the first, ~ is in both and changed.
Exit code 0 if they say the same, 1 if they differ or cannot be read.

Examples:
  millrace diff old.graph.json new.graph.json
  millrace diff data.graph.json 127.0.0.1:9001
  git difftool -x 'millrace diff' -- '*.graph.json'`,
    )
    .action(async (before: string, after: string, options: Options) => {
      const first = readGraphFile(before)
      const peer = /^[^/\\]+:\d+$/.test(after)
      const second = peer
        ? graphOfStatus(
            await fetchStatus({ endpoint: after, token: readToken(options.tokenFile, console.env) }),
            first,
            after,
          )
        : readGraphFile(after)
      const differences = differencesOf(first, second, options)
      const colours = coloursFor(console)
      for (const difference of differences)
        console.print(options.json ? lineOf(difference) : painted(difference, colours))
      if (!options.json) console.complain(verdict(differences.length))
      exit(differences.length > 0 ? 1 : 0)
    })
}

function differencesOf(before: GraphExport, after: GraphExport, { layout }: Options): GraphDifference[] {
  const all = diffGraphs(before, after)
  return layout === false ? all.filter(mattersToRun) : all
}

function lineOf(difference: GraphDifference): string {
  const text = describeDifference(difference)
  return JSON.stringify({
    ...difference,
    type: 'difference',
    change: difference.type,
    text,
    matters: mattersToRun(difference),
  })
}

function painted(difference: GraphDifference, colours: Colours): string {
  const line = visible(describeDifference(difference))
  if (difference.type === 'added') return colours.green(line)
  return difference.type === 'removed' ? colours.red(line) : colours.yellow(line)
}

function verdict(count: number): string {
  if (count === 0) return 'the two say the same'
  return count === 1 ? '1 difference' : `${count} differences`
}
