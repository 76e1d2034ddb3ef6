import { setTimeout as delay } from 'node:timers/promises'
import { InvalidArgumentError, type Command } from 'commander'
import { parseEndpoint } from '../../graph/index.ts'
import { analyseFile, analyseStatus, fetchStatus } from '../../lab/index.ts'
import type { AnalysisRequest } from '../../shared/index.ts'
import { formatAnalysis, formatLoad } from '../analysis-text.ts'
import { coloursFor } from '../colours.ts'
import type { CommandContext } from '../command-context.ts'
import type { Console } from '../console.ts'
import { refuseFolder } from '../file-argument.ts'
import { parsePeer } from '../port-arguments.ts'
import { readTlsOptions, withTlsOptions, type TlsOptions } from '../tls-options.ts'
import { readToken, tokenFileOption } from '../token.ts'

type Options = AnalysisRequest & TlsOptions & { json?: true; tokenFile?: string }

/** Where the time goes comes from two looks, this far apart. */
const betweenLooksMs = 1_000

/** `millrace analyse`: says what can run at the same time, what is longest, what may hold up the rest. */
export function addAnalyse(root: Command, { console }: CommandContext): void {
  withTlsOptions(
    root
      .command('analyse')
      .summary('say what in a graph can run at once, what is longest, what holds up the rest')
      .description(
        'Looks at how the nodes of a graph are wired: which can work at the same time (stages), the longest way (critical path), what may hold up the rest, cycles, chains, and the ways from beginning to end. With host:port, looks at what runs there for a second and also says where the time of a message goes and who blocks whom. Changes nothing.',
      )
      .argument('<lab|graph|host:port>', 'a lab file, a graph file, or where an instance listens')
      .option('--node <id>', 'also say what leads to this node and what it leads to')
      .option('--from <id>', 'only ways that begin at this node')
      .option('--to <id>', 'only ways that end at this node')
      .option('--limit <N>', 'how many ways to list (20); they are counted all the same', parseLimit)
      .option('--json', 'print one line of JSON for each graph')
      .addOption(tokenFileOption()),
  )
    .addHelpText(
      'after',
      `
A way passes no node twice; what closes a cycle does not count. Graphs inside graphs are laid open.

Examples:
  millrace analyse my.graph.json
  millrace analyse my.lab.json --node trainer
  millrace analyse 127.0.0.1:9001 --json`,
    )
    .action(async (target: string, { json, tokenFile, ...options }: Options) => {
      const { node, from, to, limit } = options
      const request: AnalysisRequest = { node, from, to, limit }
      const colours = coloursFor(console)
      const endpoint = addressOf(target)
      if (endpoint !== undefined) {
        const peer = { endpoint, token: readToken(tokenFile, console.env), tls: readTlsOptions(options) }
        const { instance, analysis, load } = await lookTwice(peer, request)
        if (json) return console.print(JSON.stringify({ type: 'analysis', instance, analysis, load }))
        return print(console, [...formatAnalysis(instance, analysis, colours), ...formatLoad(load, colours)])
      }
      refuseFolder(target)
      for (const [index, { file, instances, analysis }] of analyseFile(target, request).entries()) {
        if (json) console.print(JSON.stringify({ type: 'analysis', file, instances, analysis }))
        else {
          const heading = instances.length > 0 ? `${file} (${instances.join(', ')})` : file
          print(console, [...(index > 0 ? [''] : []), ...formatAnalysis(heading, analysis, colours)])
        }
      }
    })
}

async function lookTwice(peer: Parameters<typeof fetchStatus>[0], request: AnalysisRequest) {
  const first = await fetchStatus(peer)
  const startedAt = performance.now()
  await delay(betweenLooksMs)
  const second = await fetchStatus(peer)
  return analyseStatus([first, second], performance.now() - startedAt, peer.endpoint, request)
}

function print(console: Console, lines: string[]): void {
  for (const line of lines) console.print(line)
}

/** `host:port`, or a port of this machine; `undefined` for what must be a file. */
function addressOf(target: string): string | undefined {
  if (/^\d+$/.test(target)) return parsePeer(target)
  return parseEndpoint(target) === undefined ? undefined : target
}

function parseLimit(text: string): number {
  const limit = /^\d{1,4}$/.test(text) ? Number(text) : Number.NaN
  if (limit <= 1_000) return limit
  throw new InvalidArgumentError('expected a whole number from 0 to 1000')
}
