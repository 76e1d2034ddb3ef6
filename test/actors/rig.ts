import { defineActor, Network, type ActorDefinition, type NetworkOptions } from '../../src/runtime/index.ts'

/** The clock, timers and turns of this process; `now` may be moved by hand. */
export const platform: NetworkOptions['platform'] = {
  now: () => Date.now(),
  monotonicMs: () => performance.now(),
  random: () => Math.random(),
  schedule(run) {
    const immediate = setImmediate(run)
    return () => clearImmediate(immediate)
  },
  after(delayMs, run) {
    const timer = setTimeout(run, delayMs)
    return () => clearTimeout(timer)
  },
}

/** Keeps what it gets, and lets a test wait for it. */
export class Probe<Message> {
  readonly received: Message[] = []
  readonly actor: ActorDefinition
  #waiters: (() => void)[] = []
  #listener: ((message: Message) => void) | undefined

  constructor() {
    this.actor = defineActor({
      name: 'Probe',
      inports: { Input: {} },
      run: ({ inputs }) => {
        this.received.push(inputs.Input as Message)
        this.#listener?.(inputs.Input as Message)
        for (const wake of this.#waiters.splice(0)) wake()
      },
    })
  }

  /** Hands every message over as it comes. */
  onReceive(listener: (message: Message) => void): void {
    this.#listener = listener
  }

  /** Waits until so many messages have come, or until one of them fits; gives the last one, or that one. */
  async until(what: number | ((message: Message) => boolean)): Promise<Message> {
    for (;;) {
      const found = typeof what === 'number' ? this.received[what - 1] : this.received.find(what)
      if (found !== undefined) return found
      await new Promise<void>((resolve) => this.#waiters.push(resolve))
    }
  }

  get last(): Message {
    const last = this.received.at(-1)
    if (last === undefined) throw new Error('nothing has been received')
    return last
  }
}

/** One actor under test: its node is named `it`, and each of its outports has a probe. */
export interface Rig {
  readonly network: Network
  readonly log: { level: string; text: string }[]
  probe<Message>(outport: string): Probe<Message>
  send(port: string, value: unknown): Promise<void>
  /** Waits until nothing is queued; enough for actors that answer at once. */
  settled(): Promise<void>
  gauges(): Record<string, number>
  /** Reasons of the dead letters, oldest first. */
  reasons(): string[]
  stop(): Promise<void>
}

/** Starts a network around one actor. `now` replaces the wall clock. */
export async function startRig(
  actor: ActorDefinition,
  { config = {}, now = platform.now }: { config?: Record<string, unknown>; now?: () => number } = {},
): Promise<Rig> {
  const log: Rig['log'] = []
  const network = new Network({
    platform: { ...platform, now },
    networkId: 'test',
    instanceId: 'test_001',
    freeze: true,
    log: ({ level, text }) => log.push({ level, text }),
  })
  // Tries again at once, so that a network is settled when nothing is queued.
  network.addNode('it', actor, { metadata: { ...config, millrace: { retry: { minDelayMs: 0 } } } })
  const probes = new Map<string, Probe<unknown>>()
  for (const port of Object.keys(actor.outports)) {
    const probe = new Probe<unknown>()
    probes.set(port, probe)
    network.addNode(`probe of ${port}`, probe.actor)
    network.addWire({ node: 'it', port }, { node: `probe of ${port}`, port: 'Input' })
  }
  await network.start()
  return {
    network,
    log,
    probe: <Message>(outport: string) => {
      const probe = probes.get(outport)
      if (probe === undefined) throw new Error(`${actor.name} has no outport ${outport}`)
      return probe as Probe<Message>
    },
    send: async (port, value) => {
      await network.send('it', port, value)
    },
    settled: () => settled(network),
    gauges: () => network.snapshot().nodes.find(({ id }) => id === 'it')?.gauges ?? {},
    reasons: () => network.deadLetters().map(({ reason }) => reason),
    stop: async () => {
      await network.stop()
    },
  }
}

/** Waits until nothing is queued in the network, for three turns of the loop in a row. */
export async function settled(network: Network): Promise<void> {
  for (let quietTurns = 0; quietTurns < 3; quietTurns += 1) {
    await new Promise<void>((resolve) => setImmediate(resolve))
    if (network.snapshot().nodes.some(({ queued, outbox }) => queued + outbox > 0)) quietTurns = -1
  }
}
