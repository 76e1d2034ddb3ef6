import type { Command } from 'commander'
import { mergeGraphTexts } from '../../graph/index.ts'
import { readTextFile, writeTextFile } from '../../lab/index.ts'
import { coloursFor } from '../colours.ts'
import type { CommandContext } from '../command-context.ts'
import { visible } from '../visible.ts'

interface Options {
  output?: string
  json?: true
}

/** `millrace merge`: brings two versions of a graph together. */
export function addMerge(root: Command, { console, exit }: CommandContext): void {
  root
    .command('merge')
    .summary('bring two versions of a graph together')
    .description(
      'Takes what only one side changed from that side, down to single fields; layout and order are those of ours. Where both changed the same thing differently, ours stands and the conflict is named.',
    )
    .argument('<base>', 'the version that both come from')
    .argument('<ours>', 'our version; the result is written over it')
    .argument('<theirs>', 'their version')
    .option('-o, --output <file>', 'write the result here instead')
    .option('--json', 'print each conflict as a line of JSON')
    .addHelpText(
      'after',
      `
Exit code 0 when all could be merged, 1 when there are conflicts (the result is written, with our side) or a file cannot be read
(nothing is written).

As a merge driver of git:
  git config merge.millrace.driver 'millrace merge %O %A %B'
  echo '*.graph.json merge=millrace' >> .gitattributes

Examples:
  millrace merge base.graph.json mine.graph.json yours.graph.json
  millrace merge base.graph.json mine.graph.json yours.graph.json -o merged.graph.json`,
    )
    .action((base: string, ours: string, theirs: string, options: Options) => {
      const read = (file: string) => ({ file, text: readTextFile(file) })
      const { text, conflicts } = mergeGraphTexts(read(base), read(ours), read(theirs))
      const output = options.output ?? ours
      writeTextFile(output, text)
      const colours = coloursFor(console)
      for (const conflict of conflicts) {
        if (options.json) console.print(JSON.stringify({ type: 'conflict', ...conflict }))
        else
          console.print(`${visible(output)}: ${colours.red('conflict')} ${conflict.code} ${visible(conflict.message)}`)
      }
      if (!options.json && conflicts.length > 0)
        console.complain(
          `${conflicts.length === 1 ? '1 conflict' : `${conflicts.length} conflicts`}; ours stands there`,
        )
      exit(conflicts.length > 0 ? 1 : 0)
    })
}
