import {
  defineActor,
  Network,
  type NetworkEvent,
  type NetworkLogLine,
  type NetworkOptions,
  type Platform,
} from '../../src/runtime/index.ts'

/** A platform whose clock and turns of the loop are moved by hand. */
export class ManualPlatform implements Platform {
  timeMs = 1_000
  #turns: (() => void)[] = []
  #timers: { atMs: number; run: () => void }[] = []
  readonly now = () => 1_700_000_000_000 + this.timeMs
  readonly monotonicMs = () => this.timeMs
  readonly random = () => 0.5

  readonly schedule = (run: () => void) => {
    this.#turns.push(run)
    return () => {
      this.#turns = this.#turns.filter((turn) => turn !== run)
    }
  }

  readonly after = (delayMs: number, run: () => void) => {
    const timer = { atMs: this.timeMs + delayMs, run }
    this.#timers.push(timer)
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer)
    }
  }

  /** Runs one turn of the loop; says whether there was one. */
  turn(): boolean {
    const run = this.#turns.shift()
    run?.()
    return run !== undefined
  }

  /** Runs turns and promises until nothing is left to do without time passing. */
  async settle(): Promise<void> {
    // Two quiet turns: what a turn has awakened may need one more.
    for (let quiet = 0; quiet < 2;) {
      await new Promise((resolve) => setImmediate(resolve))
      quiet = this.turn() ? 0 : quiet + 1
    }
  }

  /** Moves the clock and runs what is due. */
  async advance(ms: number): Promise<void> {
    this.elapse(ms)
    await this.settle()
  }

  /** As `advance`, without any turn of the loop. */
  elapse(ms: number): void {
    this.timeMs += ms
    const due = this.#timers.filter(({ atMs }) => atMs <= this.timeMs)
    this.#timers = this.#timers.filter((timer) => !due.includes(timer))
    for (const { run } of due) run()
  }

  get timers(): number {
    return this.#timers.length
  }
}

/** The platform a program has. */
export const realPlatform: Platform = {
  now: () => Date.now(),
  monotonicMs: () => performance.now(),
  schedule: (run) => {
    const handle = setImmediate(run)
    return () => clearImmediate(handle)
  },
  after: (delayMs, run) => {
    const handle = setTimeout(run, delayMs)
    return () => clearTimeout(handle)
  },
  random: () => Math.random(),
}

/** A network on a manual platform, with all it says kept. */
export function makeNetwork(options: Partial<NetworkOptions> = {}) {
  const platform = new ManualPlatform()
  const log: NetworkLogLine[] = []
  const events: NetworkEvent[] = []
  const network = new Network({ platform, log: (line) => log.push(line), ...options })
  network.subscribe((event) => events.push(event))
  const settle = () => platform.settle()
  const node = (id: string) => {
    const found = network.snapshot().nodes.find((candidate) => candidate.id === id)
    if (found === undefined) throw new Error(`no node ${id}`)
    return found
  }
  /** Starts, which takes turns of the loop when a hook waits for something. */
  const start = async () => {
    const outcome = network.start()
    outcome.catch(() => {})
    await settle()
    return await outcome
  }
  const stop = async (stopOptions?: { drainMs?: number }) => {
    const outcome = network.stop(stopOptions)
    await settle()
    // A stop has several deadlines, one after the other.
    while (network.state !== 'stopped') await platform.advance(60_000)
    return await outcome
  }
  return { platform, network, log, events, settle, node, start, stop }
}

/** Keeps what it gets. */
export function collector(port = 'In') {
  const seen: unknown[] = []
  const actor = defineActor({
    name: 'Collector',
    inports: { [port]: {} },
    run({ inputs }) {
      seen.push(inputs[port])
    },
  })
  return { actor, seen }
}

/** Passes on what it gets. */
export const relay = defineActor({
  name: 'Relay',
  inports: { In: {} },
  outports: { Out: {} },
  run: ({ inputs }) => ({ Out: inputs.In }),
})

/** `"node.Port"` as an end of a wire. */
export function end(text: string) {
  const [node = '', port = ''] = text.split('.')
  return { node, port }
}

/** Something that a test opens when it likes. */
export function latch<Value = void>() {
  let open: (value: Value) => void = () => {}
  let fail: (error: unknown) => void = () => {}
  const opened = new Promise<Value>((resolve, reject) => {
    open = resolve
    fail = reject
  })
  return { opened, open: (value: Value) => open(value), fail: (error: unknown) => fail(error) }
}
