import type { Command } from 'commander'
import { layoutFile, type LayoutOutcome } from '../../lab/index.ts'
import type { CommandContext } from '../command-context.ts'
import type { Console } from '../console.ts'

interface Options {
  output?: string
  fresh?: true
  json?: true
}

/** `millrace layout`: places the nodes of a graph file. */
export function addLayout(root: Command, { console, exit }: CommandContext): void {
  root
    .command('layout')
    .summary('place the nodes of a graph file')
    .description(
      'Places nodes in columns from left to right, so that wires are short and cross little; groups stay together. Nodes with "pinned": true in metadata.millrace stay where they are. Only places change in the file. Ctrl-C leaves it as it is.',
    )
    .argument('<graph>', 'a graph file; written back unless --output names another')
    .option('-o, --output <file>', 'write the result here instead')
    .option('--fresh', 'start anew; without it, nodes keep their order where they have one')
    .option('--json', 'print the outcome as a line of JSON')
    .addHelpText(
      'after',
      `
Examples:
  millrace layout my.graph.json
  millrace layout my.graph.json --fresh -o tidy.graph.json`,
    )
    .action(async (file: string, options: Options) => {
      const cancel = new AbortController()
      let isInterrupted = false
      const undo = console.onInterrupt(({ code }) => {
        isInterrupted = true
        exit(code)
        cancel.abort()
      })
      try {
        const outcome = await layoutFile(file, {
          output: options.output ?? file,
          keep: options.fresh ? 'nothing' : 'order',
          signal: cancel.signal,
          onElapsed: progress(console),
        })
        if (options.json) console.print(JSON.stringify({ type: 'layout', ...outcome }))
        else console.complain(sentence(outcome))
      } catch (error) {
        if (!isInterrupted) throw error
        console.complain(`${file}: cancelled, nothing was written`)
      } finally {
        undo()
      }
    })
}

/** Tells a person who waits, from the second second on, once a second. */
function progress(console: Console): (elapsedMs: number) => void {
  let told = 1
  return (elapsedMs) => {
    const seconds = Math.floor(elapsedMs / 1_000)
    if (!console.interactive || seconds <= told) return
    told = seconds
    console.complain(`laying out, ${seconds} s so far; Ctrl-C cancels`)
  }
}

function sentence({ output, nodes, moved, elapsedMs }: LayoutOutcome): string {
  const count = moved === 0 ? 'nothing had to move' : `${moved} of ${nodes} nodes moved`
  return `${output}: ${count}, ${(elapsedMs / 1_000).toFixed(1)} s`
}
