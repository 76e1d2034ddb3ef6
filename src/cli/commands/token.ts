import type { Command } from 'commander'
import { askRunningLab, makeToken } from '../../lab/index.ts'
import { MillraceError } from '../../shared/index.ts'
import type { CommandContext } from '../command-context.ts'
import type { Console } from '../console.ts'
import { parsePeer, portBaseOption } from '../port-arguments.ts'
import { readToken, tokenFileOption } from '../token.ts'
import { visible } from '../visible.ts'

/** `millrace token`: makes a token, with a key id by which it is spoken of, and changes those of a lab that runs. */
export function addToken(root: Command, { console }: CommandContext): void {
  const token = root
    .command('token')
    .summary('make a token that proves who is who on links, or change those of a lab that runs')
    .description(
      'Prints a new token of 256 random bits. Logs and lists name it by its key id alone, which tells nothing about it.',
    )
    .argument('[key-id]', 'what to call it, such as 2026-q4; random if left out')
    .addHelpText(
      'after',
      `
Keep it in an environment variable or a file, never in a lab file. To change tokens without dropping a link:
  1. the instance accepts both:  millrace token add, or "Change its tokens …" in the inspector of the window
  2. its peers take the new one: millrace token dial, or "Dial with another token …" at the link; or "nextToken" in
     their lab files, which is used whenever the old one is refused
  3. the instance accepts the new one alone: millrace token retire; whoever still comes with the old one is told that
     it is retired
Links that are up stay. What is changed so holds until the lab is opened anew: write it into the lab file too
("acceptTokens", "token").

Examples:
  millrace token 2026-q4 > new.token
  millrace token add my.lab.json data_instance/data_001 --token-file new.token
  millrace token dial ml.lab.json ml_instance/ml_001 127.0.0.1:9001 --token-file new.token
  millrace token retire my.lab.json data_instance/data_001 2026-q1`,
    )
    .action((keyId: string | undefined) => console.print(makeToken(keyId)))
  addList(token, console)
  addAdd(token, console)
  addRetire(token, console)
  addDial(token, console)
}

interface RunningOptions {
  portBase?: number
  tokenFile?: string
}

function ofRunning(token: Command, name: string, summary: string): Command {
  return token
    .command(name)
    .summary(summary)
    .description(`${summary}\nThe lab runs in another process of yours: by open, serve or run.`)
    .argument('<lab>', 'the lab file, as it was started')
    .argument('<instance>', 'such as data_instance/data_001')
    .addOption(portBaseOption())
}

function addList(token: Command, console: Console): void {
  ofRunning(token, 'list', 'Tells the key ids of the tokens that an instance accepts.').action(
    async (file: string, instance: string, { portBase }: RunningOptions) => {
      const keys = await askRunningLab({ file, portBase }, { command: 'tokens', instance })
      console.print(
        keys.length === 0 ? `${visible(instance)} accepts anybody: it has no token` : accepted(instance, keys),
      )
    },
  )
}

function addAdd(token: Command, console: Console): void {
  ofRunning(token, 'add', 'Lets an instance accept one token more.')
    .addOption(tokenFileOption())
    .action(async (file: string, instance: string, options: RunningOptions) => {
      const request = { command: 'addToken', instance, token: givenToken(options, console) } as const
      console.print(accepted(instance, await askRunningLab({ file, portBase: options.portBase }, request)))
    })
}

function addRetire(token: Command, console: Console): void {
  ofRunning(token, 'retire', 'Lets an instance accept a token no longer.')
    .argument('<key-id>', 'which one, as list names it')
    .action(async (file: string, instance: string, key: string, { portBase }: RunningOptions) => {
      console.print(
        accepted(instance, await askRunningLab({ file, portBase }, { command: 'retireToken', instance, key })),
      )
    })
}

function addDial(token: Command, console: Console): void {
  ofRunning(token, 'dial', 'Lets an instance dial a peer with another token from the next connection on.')
    .argument('<host:port>', 'the peer, as the log names it', parsePeer)
    .addOption(tokenFileOption())
    .action(async (file: string, instance: string, endpoint: string, options: RunningOptions) => {
      const request = { command: 'dialWith', instance, endpoint, token: givenToken(options, console) } as const
      await askRunningLab({ file, portBase: options.portBase }, request)
      console.print(`${visible(instance)} dials ${endpoint} with the token given from the next connection on`)
    })
}

function accepted(instance: string, keys: readonly string[]): string {
  return visible(`${instance} accepts ${keys.join(', ')}`)
}

function givenToken({ tokenFile }: RunningOptions, console: Console): string {
  const token = readToken(tokenFile, console.env)
  if (token !== undefined) return token
  throw new MillraceError('TOKEN_MISSING', 'give the token by --token-file, or set MILLRACE_TOKEN')
}
