import type { Command } from 'commander'
import { convertFile } from '../../lab/index.ts'
import { coloursFor } from '../colours.ts'
import type { CommandContext } from '../command-context.ts'
import { visible } from '../visible.ts'

/** `millrace convert`: reads a graph in one format and writes it in another. */
export function addConvert(root: Command, { console }: CommandContext): void {
  root
    .command('convert')
    .summary('turn a graph into another format, or another format into a graph')
    .description(
      'Reads *.graph.json, .fbp, NoFlo graphs (.json) and Node-RED flows (.json); writes *.graph.json, .fbp, Mermaid (.mmd) or a picture (.svg), by the name of the output. What does not come through unchanged is told, line by line.',
    )
    .argument('<in>', 'the file to read; its format is told by its content')
    .argument('<out>', 'the file to write')
    .option('--json', 'print the outcome as lines of JSON')
    .addHelpText(
      'after',
      `
Nodes of Node-RED that nothing here does the work of become placeholders: they keep their wires and settings,
and "millrace check" reports them until you choose an actor for each.

Examples:
  millrace convert flows.json flows.graph.json
  millrace convert my.graph.json my.fbp
  millrace convert my.graph.json my.svg`,
    )
    .action(async (input: string, output: string, options: { json?: true }) => {
      const { notes, ...outcome } = await convertFile(input, output)
      const colours = coloursFor(console)
      for (const note of notes)
        if (options.json) console.print(JSON.stringify({ ...note, type: 'note', what: note.type }))
        else console.complain(`${colours.yellow(note.type)} ${visible(note.message)}`)
      if (options.json) console.print(JSON.stringify({ type: 'converted', output, ...outcome, notes: notes.length }))
      else {
        const unchanged = notes.length === 0 ? ', nothing was lost' : `, ${notes.length} remarks above`
        console.complain(
          visible(`${output}: ${outcome.nodes} nodes, ${outcome.wires} wires and initial messages${unchanged}`),
        )
      }
    })
}
