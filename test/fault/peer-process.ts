import { writeSync } from 'node:fs'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { DistributedNetwork } from '../../src/lab/index.ts'
import { defineActor } from '../../src/runtime/index.ts'
import type { LinkSnapshot } from '../../src/shared/index.ts'

/** What a process of the fault kit is: an instance that keeps numbers, and with `to` one that sends them to another. */
export interface PeerProcessOptions {
  name: string
  port?: number
  to?: { name: string; address: string }
  /** A descriptor that every number taken is written to at once, so that a kill loses none. */
  log?: number
  maxConnections?: number
}

/** What it can be told. */
export type PeerCommand =
  | { type: 'look' }
  | { type: 'end' }
  /** Keeps its loop busy for so long in one piece. */
  | { type: 'stall'; ms: number }
  /** Starts an actor that never rests. */
  | { type: 'burn' }

/** What it tells then. */
export interface PeerFigures {
  sent: number
  taken: number
  /** What came otherwise than in order, in words. */
  findings: string[]
  lost: { from: number; to: number }[]
  warnings: string[]
  heapBytes: number
  rssBytes: number
  links: LinkSnapshot[]
}

const options = JSON.parse(process.argv[2] ?? '{}') as PeerProcessOptions
const figures = { sent: 0, taken: 0, findings: [] as string[], warnings: [] as string[] }
const ending = new AbortController()

const sink = defineActor({
  name: 'Numbers',
  inports: { In: {} },
  run({ inputs }) {
    const { n } = inputs.In as { n: number }
    if (options.log !== undefined) writeSync(options.log, `${n}\n`)
    else if (n !== figures.taken && figures.findings.length < 5)
      figures.findings.push(`${n} came where ${figures.taken} was due`)
    figures.taken++
  },
})

const source = defineActor({
  name: 'Counter',
  outports: { Out: {} },
  async start({ out, signal }) {
    // It is wired in this turn of the loop.
    await nextTurn()
    while (!signal.aborted && !ending.signal.aborted) {
      await out.Out.send({ n: figures.sent++, padding: 'x'.repeat(100) })
      if (figures.sent % 64 === 0) await nextTurn()
    }
  },
})

const burner = defineActor({
  name: 'Burner',
  inports: { In: {} },
  outports: { Out: {} },
  run({ inputs, out }) {
    for (const untilMs = performance.now() + 3; performance.now() < untilMs;);
    out.Out.send(inputs.In)
  },
})

const network = new DistributedNetwork({
  networkId: options.name,
  instanceId: '1',
  bindPort: options.port ?? 0,
  authToken: 'token',
  maxConnections: options.maxConnections ?? 256,
  log: ({ level, text }) => {
    if (level === 'warn' || level === 'error') figures.warnings.push(text)
  },
})
network.registerLocalActor('numbers', sink, {}, { exported: true })
await network.start()
if (options.to) {
  await network.connectToNetwork(options.to.address, { token: 'token' })
  const remote = await network.registerRemoteActor('numbers', options.to.name)
  network.registerLocalActor('counter', source)
  network.connect({ node: 'counter', port: 'Out' }, { node: remote, port: 'In' })
}

process.on('disconnect', () => process.exit(0))
process.on('message', (command: PeerCommand) => {
  if (command.type === 'end') ending.abort()
  if (command.type === 'stall') for (const untilMs = performance.now() + command.ms; performance.now() < untilMs;);
  if (command.type === 'burn') {
    network.registerLocalActor('burner', burner)
    network.connect({ node: 'burner', port: 'Out' }, { node: 'burner', port: 'In' })
    void network.local.send('burner', 'In', 1)
  }
  globalThis.gc?.()
  const { heapUsed: heapBytes, rss: rssBytes } = process.memoryUsage()
  process.send?.({ ...figures, heapBytes, rssBytes, links: network.links() })
})
process.send?.(network.address)
