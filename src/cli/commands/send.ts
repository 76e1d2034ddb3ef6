import type { Command } from 'commander'
import { sendOnce } from '../../lab/index.ts'
import type { MessageKind } from '../../shared/index.ts'
import type { CommandContext } from '../command-context.ts'
import { kindNames, parseKind, parseMessage } from '../message-argument.ts'
import { parsePeer } from '../port-arguments.ts'
import { readTlsOptions, withTlsOptions, type TlsOptions } from '../tls-options.ts'
import { readToken, tokenFileOption } from '../token.ts'

/** `millrace send`: puts one message on an inport of a peer's node. */
export function addSend(root: Command, { console }: CommandContext): void {
  withTlsOptions(
    root
      .command('send')
      .summary('send one message to a node of a running instance')
      .description('Joins an instance as a peer, puts one message on an inport of a node that it exports, and leaves.')
      .argument('<host:port>', 'where the instance listens', parsePeer)
      .argument('<node>', 'the id of an exported node')
      .argument('<port>', 'the name of the inport')
      .argument('<json>', 'the message: plain JSON, or tagged as {"type": "Float", "data": 1}')
      .option(
        '--kind <kind>',
        "what kind the message is of; the JSON is its data then (default: the value's own kind)",
        parseKind,
      )
      .addOption(tokenFileOption()),
  )
    .addHelpText(
      'after',
      `
Examples:
  MILLRACE_TOKEN=data_token millrace send 127.0.0.1:9001 data_processor Input '{"id":"r1","features":[1,2,3]}'
  millrace send 127.0.0.1:9001 data_processor Input '{"type":"Integer","data":"9007199254740993"}' --token-file token.txt
  millrace send 127.0.0.1:9001 data_processor Input 5 --kind float

Kinds: ${kindNames.slice(0, 10).join(', ')},
  ${kindNames.slice(10).join(', ')}.
What JSON cannot hold is written as in tagged messages: '"NaN"' for a float, '"9007199254740993"' for an integer,
'[104,105]' for the bytes of a stream or encoded; null for flow.`,
    )
    .action(
      async (
        endpoint: string,
        node: string,
        port: string,
        json: string,
        options: { kind?: MessageKind; tokenFile?: string } & TlsOptions,
      ) => {
        const { message, kind } = parseMessage(json, options.kind)
        const token = readToken(options.tokenFile, console.env)
        await sendOnce({ endpoint, token, tls: readTlsOptions(options), node, port, message, kind })
        console.print(`${node}.${port} of ${endpoint} took the message`)
      },
    )
}
