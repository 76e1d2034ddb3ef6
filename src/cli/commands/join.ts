import type { Command } from 'commander'
import { tryConnection } from '../../lab/index.ts'
import type { ConnectionTrial, TrialStepName } from '../../shared/index.ts'
import { coloursFor, type Colours } from '../colours.ts'
import type { CommandContext } from '../command-context.ts'
import { parsePeer } from '../port-arguments.ts'
import { readTlsOptions, withTlsOptions, type TlsOptions } from '../tls-options.ts'
import { readToken, tokenFileOption } from '../token.ts'
import { visible } from '../visible.ts'

const labels: Record<TrialStepName, string> = {
  address: 'address',
  port: 'port',
  tls: 'TLS',
  version: 'version',
  token: 'token',
  exports: 'exports',
}

/** `millrace join`: tries a link to a peer step by step, and says what to write into a lab file. */
export function addJoin(root: Command, { console, exit }: CommandContext): void {
  withTlsOptions(
    root
      .command('join')
      .summary('try a link to an instance, step by step')
      .description(
        'Tries to link to an instance as a peer: address, port, TLS, version, token, exports. Says which step fails and\nwhat to do, or what to write into the lab file. Changes nothing.',
      )
      .argument('<host:port>', 'where the instance listens; wss://host:port for TLS', parsePeer)
      .option('--json', 'print one line of JSON')
      .addOption(tokenFileOption()),
  )
    .addHelpText(
      'after',
      `
Examples:
  MILLRACE_TOKEN=data_token millrace join 192.168.1.20:9001
  MILLRACE_TOKEN=data_token millrace join wss://192.168.1.20:9001        shows its fingerprint
  MILLRACE_TOKEN=data_token millrace join 192.168.1.20:9001 --fingerprint AB:CD:...`,
    )
    .action(async (endpoint: string, options: { json?: true; tokenFile?: string } & TlsOptions) => {
      const token = readToken(options.tokenFile, console.env)
      const trial = await tryConnection({
        endpoint,
        ...(token !== undefined && { token }),
        ...readTlsOptions(options),
      })
      if (options.json) console.print(JSON.stringify(trial))
      else for (const line of formatTrial(trial, endpoint, coloursFor(console))) console.print(line)
      exit(trial.works ? 0 : 1)
    })
}

function formatTrial(trial: ConnectionTrial, endpoint: string, colours: Colours): string[] {
  const signs = { ok: colours.green('ok'), failed: colours.red('failed'), skipped: colours.dim('-') }
  const steps = trial.steps.map(({ step, outcome, detail, code }) => {
    const sign = signs[outcome] + ' '.repeat(7 - (outcome === 'ok' ? 2 : outcome === 'failed' ? 6 : 1))
    return `${labels[step].padEnd(8)} ${sign} ${visible(detail)}${code === undefined ? '' : ` [${code}]`}`
  })
  if (!trial.works) return steps
  const peer = {
    endpoint,
    ...(trial.steps.some(({ step, outcome }) => step === 'token' && outcome === 'ok') && {
      token: '${env:PEER_TOKEN}',
    }),
    ...(trial.fingerprint !== undefined && { fingerprint: trial.fingerprint }),
  }
  return [
    ...steps,
    '',
    'To link to it, put this into the "peers" of an instance in your lab file:',
    `  ${JSON.stringify(peer)}`,
  ]
}
