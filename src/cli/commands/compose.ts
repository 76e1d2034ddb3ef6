import path from 'node:path'
import type { Command } from 'commander'
import { formatFile } from '../../graph/index.ts'
import { composeFiles, writeTextFile } from '../../lab/index.ts'
import { MillraceError } from '../../shared/index.ts'
import { coloursFor } from '../colours.ts'
import type { CommandContext } from '../command-context.ts'
import { formatFinding } from './check.ts'

interface Options {
  output?: string
  name?: string
}

/** `millrace compose`: makes one graph of many. */
export function addCompose(root: Command, { console, exit }: CommandContext): void {
  root
    .command('compose')
    .summary('make one graph of the graphs of a workspace')
    .description(
      'Joins graph files into one graph, each under its namespace: by their external connections and by the interfaces that one requires and another provides. Dependencies between them are checked, with their versions, and graphs inside graphs are laid open, so that what comes out runs anywhere. Runs nothing.',
    )
    .argument('<folder|file...>', 'a folder (every *.graph.json in it and below), or graph files')
    .option('-o, --output <file>', 'where to write the graph; without it, it is printed')
    .option('--name <name>', "the graph's name; by default that of the output file or the folder")
    .addHelpText(
      'after',
      `
Examples:
  millrace compose flows/ -o all.graph.json
  millrace compose a.graph.json b.graph.json | less`,
    )
    .action((paths: string[], options: Options) => {
      const { output } = options
      if (output !== undefined && !output.endsWith('.graph.json'))
        throw new MillraceError('USAGE', `the output "${output}" should end in .graph.json`)
      const name = options.name ?? path.basename(output ?? path.resolve(paths[0] ?? '.')).replace(/\.graph\.json$/, '')
      const { composition, findings, files } = composeFiles(paths, {
        name,
        ...(output !== undefined && { except: output }),
      })
      const colours = coloursFor(console)
      for (const finding of findings) console.complain(formatFinding(finding, colours))
      if (!composition || findings.some(({ severity }) => severity === 'error')) {
        console.complain(`${files.length === 1 ? '1 file' : `${files.length} files`} read, nothing written`)
        exit(1)
        return
      }
      const { graph } = composition
      const text = formatFile(graph)
      if (output === undefined) return console.print(text.trimEnd())
      writeTextFile(output, text)
      const nodes = Object.keys(graph.processes ?? {}).length
      console.complain(
        `${output}: ${files.length} graphs, ${nodes} nodes, ${graph.connections?.length ?? 0} wires and initial messages`,
      )
    })
}
