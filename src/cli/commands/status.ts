import { setTimeout as delay } from 'node:timers/promises'
import type { Command } from 'commander'
import { fetchStatus } from '../../lab/index.ts'
import { coloursFor } from '../colours.ts'
import type { CommandContext } from '../command-context.ts'
import { parsePeer } from '../port-arguments.ts'
import { formatStatus, parseStatus } from '../status-text.ts'
import { readTlsOptions, withTlsOptions, type TlsOptions } from '../tls-options.ts'
import { readToken, tokenFileOption } from '../token.ts'

/** Rates come from two looks, this far apart. */
const betweenLooksMs = 1_000

/** `millrace status`: asks a running instance who it is and what it does. */
export function addStatus(root: Command, { console }: CommandContext): void {
  withTlsOptions(
    root
      .command('status')
      .summary('ask a running instance who it is and what it does')
      .description('Prints the instance, its nodes with their rates, and its links.')
      .argument('<host:port>', 'where the instance listens', parsePeer)
      .option('--json', 'print one line of JSON, as GET /status answers it')
      .addOption(tokenFileOption()),
  )
    .addHelpText(
      'after',
      `
On this machine the status is open: any user of this machine can read it without a token. Others need the token.

Examples:
  millrace status 127.0.0.1:9001
  MILLRACE_TOKEN=data_token millrace status 127.0.0.1:9001 --json`,
    )
    .action(async (endpoint: string, options: { json?: true; tokenFile?: string } & TlsOptions) => {
      const peer = { endpoint, token: readToken(options.tokenFile, console.env), tls: readTlsOptions(options) }
      const first = await fetchStatus(peer)
      if (options.json) return console.print(JSON.stringify(first))
      const startedAt = performance.now()
      await delay(betweenLooksMs)
      const second = await fetchStatus(peer)
      const elapsedMs = performance.now() - startedAt
      for (const line of formatStatus(
        parseStatus(first, endpoint),
        parseStatus(second, endpoint),
        elapsedMs,
        coloursFor(console),
      ))
        console.print(line)
    })
}
