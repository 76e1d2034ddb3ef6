import * as fc from 'fast-check'
import { defineActor, Network, type RunContext } from '../../src/runtime/index.ts'
import { end, ManualPlatform } from './rig.ts'

/** Turns of the loop after which a network that is left alone should long be at rest. */
const restTurns = 5_000
const kinds = ['returns', 'handles', 'async', 'parallel'] as const
const strategies = ['resume', 'restart', 'stop'] as const

/** A node between sources and sinks: what it is like and where it gets its messages from, by number. */
const workers = fc.array(
  fc.record({
    kind: fc.constantFrom(...kinds),
    strategy: fc.constantFrom(...strategies),
    from: fc.array(fc.nat(), { minLength: 1, maxLength: 2 }),
    capacity: fc.integer({ min: 1, max: 4 }),
    outbox: fc.integer({ min: 1, max: 3 }),
    /** It fails at every message whose number leaves this rest, so many times. */
    fails: fc.record({ rest: fc.nat(5), times: fc.integer({ min: 0, max: 4 }) }),
  }),
  { minLength: 1, maxLength: 4 },
)

/** What is done to the network while messages go through it. */
const acts = fc.array(
  fc.oneof(
    {
      weight: 8,
      arbitrary: fc.record({
        type: fc.constant('send' as const),
        at: fc.nat(1),
        count: fc.integer({ min: 1, max: 5 }),
      }),
    },
    { weight: 4, arbitrary: fc.record({ type: fc.constant('turn' as const), count: fc.integer({ min: 1, max: 4 }) }) },
    { weight: 3, arbitrary: fc.record({ type: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 40 }) }) },
    {
      weight: 2,
      arbitrary: fc.record({
        type: fc.constantFrom('pause' as const, 'resume' as const, 'step' as const),
        at: fc.nat(8),
      }),
    },
    fc.record({ type: fc.constant('restart' as const), at: fc.nat(8) }),
    fc.record({ type: fc.constantFrom('removeWire' as const, 'addWire' as const), at: fc.nat(), to: fc.nat() }),
    fc.record({ type: fc.constant('removeNode' as const), at: fc.nat(8) }),
  ),
  { minLength: 5, maxLength: 40 },
)

/** A network to try, and what happens to it. */
export const trials = fc.record({
  workers,
  acts,
  joinAt: fc.tuple(fc.nat(), fc.nat()),
  joinCapacity: fc.integer({ min: 1, max: 3 }),
})
type Trial = typeof trials extends fc.Arbitrary<infer T> ? T : never

/** A message: who emitted it, and as the how manieth. Messages are numbers, so that dead letters show them whole. */
interface Token {
  node: string
  /** Its place in the order in which the node must emit. */
  place: number
  /** When its emission began. */
  step: number
}

interface LivingWire {
  from: string
  to: string
  port: string
  addedAt: number
  capacity: number
}

/** Thrown where the network does what it must not. */
export class Violation extends Error {}

function check(holds: boolean, what: () => string): asserts holds {
  if (!holds) throw new Violation(what())
}

/**
 * Runs one trial against a ledger of all messages. On every wire order is kept; every message that was emitted while a wire was there
 * arrives over it, or is a dead letter, or waits, and exactly one of these; queues keep their bounds; a join gets whole sets in order.
 * Throws a `Violation` with what was wrong.
 */
export async function runTrial(trial: Trial): Promise<void> {
  await new Run(trial).run()
}

class Run {
  readonly #trial: Trial
  readonly #platform = new ManualPlatform()
  readonly #network = new Network({ platform: this.#platform, deadLetterLimit: { count: 100_000, bytes: 2 ** 30 } })
  readonly #tokens: Token[] = []
  /** What a node makes of a message, so that a second try makes the same. */
  readonly #made = new Map<string, number>()
  readonly #originOf = new Map<number, string>()
  readonly #emitted = new Map<string, number>()
  /** Messages that a node has finished with, by port, in the order in which it first saw them. */
  readonly #seen = new Map<string, number[]>()
  readonly #done = new Map<string, number>()
  readonly #tries = new Map<string, number>()
  readonly #sends: ((value: number) => unknown)[] = []
  readonly #nodes = new Set<string>()
  readonly #wires = new Map<string, LivingWire>()
  readonly #sources = ['s0', 's1']
  #step = 0
  #isHealed = false

  constructor(trial: Trial) {
    this.#trial = trial
  }

  async run(): Promise<void> {
    this.#build()
    const started = this.#network.start()
    started.catch(() => {})
    await this.#rest()
    await started
    for (const act of this.#trial.acts) {
      this.#step++
      await this.#perform(act)
      this.#checkBounds()
    }
    await this.#heal()
    // What waits in an outbox since a join has no partner for it comes to lie where it can be seen.
    for (const [id, wire] of this.#wires) {
      wire.capacity = 10_000
      this.#network.wires.configure(id, { capacity: wire.capacity })
    }
    await this.#heal()
    this.#checkOrder()
    this.#checkLedger()
  }

  #build(): void {
    const { workers: shapes, joinAt, joinCapacity } = this.#trial
    for (const id of this.#sources) this.#addSource(id)
    shapes.forEach((shape, index) => {
      const id = `w${index}`
      const { strategy, kind } = shape
      const retry = { attempts: 3, minDelayMs: 4, maxDelayMs: 16 }
      // What other runs of a parallel node are at when it ends is not told apart here.
      const supervision = {
        strategy: kind === 'parallel' ? 'resume' : strategy,
        minDelayMs: 5,
        maxDelayMs: 20,
        maxRestarts: 3,
        withinMs: 50,
      }
      this.#network.addNode(id, this.#worker(id, shape), { metadata: { millrace: { retry, supervision } } })
      this.#nodes.add(id)
      for (const from of new Set(shape.from.map((at) => this.#upstream(at, index))))
        this.#addWire(from, id, 'In', shape.capacity)
    })
    this.#network.addNode('join', this.#join())
    this.#network.addNode('sink', this.#sink())
    this.#nodes.add('join').add('sink')
    const all = shapes.length
    this.#addWire(this.#upstream(joinAt[0], all), 'join', 'Left', joinCapacity)
    this.#addWire(this.#upstream(joinAt[1], all), 'join', 'Right', joinCapacity)
    this.#addWire('join', 'sink', 'In', 2)
    this.#addWire(`w${all - 1}`, 'sink', 'In', 3)
  }

  /** One of the sources and the workers before the given one. */
  #upstream(at: number, before: number): string {
    const place = at % (this.#sources.length + before)
    return place < this.#sources.length ? `s${place}` : `w${place - this.#sources.length}`
  }

  // ---- the actors

  #addSource(id: string): void {
    const actor = defineActor({
      name: `Source ${id}`,
      outports: { Out: { capacity: 2 } },
      start: ({ out }) => void this.#sends.push((value) => out.Out.send(value)),
    })
    this.#network.addNode(id, actor)
    this.#nodes.add(id)
  }

  #worker(id: string, { kind, outbox, fails }: Trial['workers'][number]) {
    const begin = (incoming: number): number => {
      const outgoing = this.#arrive(id, 'In', incoming)
      const key = `${id}.In:${incoming}`
      const tried = this.#tries.get(key) ?? 0
      this.#tries.set(key, tried + 1)
      if (!this.#isHealed && incoming % 6 === fails.rest && tried < fails.times)
        throw new Error(`cannot stand ${incoming}`)
      return outgoing
    }
    const isAsync = kind === 'async' || kind === 'parallel'
    return defineActor({
      name: `Worker ${id}`,
      inports: { In: {} },
      outports: { Out: { capacity: outbox } },
      parallel: kind === 'parallel' ? 3 : 1,
      run: (context: RunContext<{ In: object }, { Out: object }, unknown, unknown>) => {
        const incoming = context.inputs.In as number
        const outgoing = begin(incoming)
        if (isAsync) return this.#later(id, incoming, outgoing)
        this.#finish(id, 'In', incoming)
        if (kind === 'returns') return { Out: outgoing }
        context.out.Out.send(outgoing)
        return undefined
      },
    })
  }

  async #later(id: string, incoming: number, outgoing: number): Promise<{ Out: number }> {
    await new Promise<void>((resolve) => this.#platform.after(1 + ((incoming * 7) % 13), resolve))
    // What a node was at when it was removed has become a dead letter.
    if (this.#nodes.has(id)) this.#finish(id, 'In', incoming)
    return { Out: outgoing }
  }

  #join() {
    return defineActor({
      name: 'Join',
      inports: { Left: {}, Right: {} },
      outports: { Out: { capacity: 2 } },
      firing: 'all',
      run: ({ inputs }) => {
        const { Left: left, Right: right } = inputs
        check(
          typeof left === 'number' && typeof right === 'number',
          () => `the join got a set of ${String(left)} and ${String(right)}`,
        )
        const outgoing = this.#arrive('join', 'Left', left)
        this.#arrive('join', 'Right', right)
        this.#finish('join', 'Left', left)
        this.#finish('join', 'Right', right)
        return { Out: outgoing }
      },
    })
  }

  #sink() {
    return defineActor({
      name: 'Sink',
      inports: { In: {} },
      run: ({ inputs }) => {
        this.#arrive('sink', 'In', inputs.In as number)
        this.#finish('sink', 'In', inputs.In as number)
      },
    })
  }

  // ---- the ledger

  /** Notes that a node got a message; gives the number of what it makes of it. */
  #arrive(node: string, port: string, incoming: number): number {
    const key = `${node}.${port}:${incoming}`
    const known = this.#made.get(key)
    if (known !== undefined) return known
    this.#seen.set(`${node}.${port}`, [...(this.#seen.get(`${node}.${port}`) ?? []), incoming])
    const made = this.#mint(node)
    this.#made.set(key, made)
    // A join makes one message of two; what it is noted for is the left one.
    if (port !== 'Right') this.#originOf.set(made, key)
    return made
  }

  #finish(node: string, port: string, incoming: number): void {
    const key = `${node}.${port}:${incoming}`
    this.#done.set(key, (this.#done.get(key) ?? 0) + 1)
  }

  #mint(node: string): number {
    const place = this.#emitted.get(node) ?? 0
    this.#emitted.set(node, place + 1)
    this.#tokens.push({ node, place, step: this.#step })
    return this.#tokens.length - 1
  }

  // ---- what is done to it

  async #perform(act: Trial['acts'][number]): Promise<void> {
    const nodes = [...this.#nodes]
    const chosen = 'at' in act ? nodes[act.at % nodes.length] : undefined
    switch (act.type) {
      case 'send':
        for (let count = 0; count < act.count; count++) this.#send(act.at)
        return
      case 'turn':
        for (let count = 0; count < act.count; count++) {
          await breath()
          this.#platform.turn()
        }
        return
      case 'wait':
        await this.#advance(act.ms)
        return
      case 'pause':
      case 'resume':
      case 'step':
        if (chosen !== undefined) this.#network.control[act.type](chosen)
        return
      case 'restart':
        if (chosen !== undefined) void this.#network.restartNode(chosen).catch(() => {})
        return
      case 'removeWire':
        this.#removeWire([...this.#wires.keys()][act.at % Math.max(1, this.#wires.size)])
        return
      case 'addWire':
        this.#addAnyWire(act.at, act.to)
        return
      case 'removeNode':
        if (chosen !== undefined && chosen.startsWith('w')) this.#removeNode(chosen)
    }
  }

  #send(at: number): void {
    const token = this.#mint(`s${at}`)
    try {
      this.#sends[at]?.(token)
    } catch (error) {
      // Refused, and told so: it was never sent.
      check((error as { code?: string }).code === 'OUTBOX_FULL', () => `a send failed: ${String(error)}`)
      this.#tokens.pop()
      this.#emitted.set(`s${at}`, (this.#emitted.get(`s${at}`) ?? 1) - 1)
    }
  }

  #addAnyWire(at: number, to: number): void {
    const targets = [...this.#nodes].filter((id) => id.startsWith('w'))
    const target = targets[to % Math.max(1, targets.length)]
    if (target === undefined) return
    const from = this.#upstream(at, Number(target.slice(1)))
    const isThere = [...this.#wires.values()].some((wire) => wire.from === from && wire.to === target)
    if (this.#nodes.has(from) && !isThere) this.#addWire(from, target, 'In', 2)
  }

  #addWire(from: string, to: string, port: string, capacity: number): void {
    const id = this.#network.addWire(end(`${from}.Out`), end(`${to}.${port}`), { capacity })
    this.#wires.set(id, { from, to, port, addedAt: this.#step, capacity })
  }

  #removeWire(id: string | undefined): void {
    const wire = id === undefined ? undefined : this.#wires.get(id)
    if (id === undefined || wire === undefined) return
    const lost = this.#waitingOn(id)
    this.#wires.delete(id)
    this.#network.removeWire(end(`${wire.from}.Out`), end(`${wire.to}.${wire.port}`))
    this.#checkBuried(lost, wire)
  }

  #removeNode(id: string): void {
    const wires = [...this.#wires].filter(([, { from, to }]) => from === id || to === id)
    const lost = wires.map(([wire, parts]) => [this.#waitingOn(wire), parts] as const)
    for (const [wire] of wires) this.#wires.delete(wire)
    this.#nodes.delete(id)
    void this.#network.removeNode(id)
    for (const [tokens, wire] of lost) this.#checkBuried(tokens, wire)
  }

  async #advance(ms: number): Promise<void> {
    this.#platform.elapse(ms)
    await this.#rest()
  }

  /** Runs turns until nothing is left to do without time passing. */
  async #rest(): Promise<void> {
    let turns = 0
    for (let quiet = 0; quiet < 2; turns++) {
      check(turns < restTurns, () => `the network does not come to rest within ${restTurns} turns`)
      await breath()
      quiet = this.#platform.turn() ? 0 : quiet + 1
    }
  }

  /** Lets everything go on, and nothing fail any more, until the network is at rest. */
  async #heal(): Promise<void> {
    this.#isHealed = true
    this.#step++
    for (let round = 0; round < 40; round++) {
      this.#network.control.resume()
      for (const { id, state } of this.#network.snapshot().nodes)
        if (state === 'parked' || state === 'failed') void this.#network.restartNode(id).catch(() => {})
      await this.#advance(20)
      this.#checkBounds()
      if (this.#platform.timers === 0 && round > 1) return
    }
    throw new Violation('timers are left over after all is done')
  }

  // ---- what must hold

  #waitingOn(wire: string): number[] {
    return this.#network.wires.peek(wire, { limit: 10_000 }).messages.map(({ value }) => value as number)
  }

  #checkBounds(): void {
    const { wires, nodes } = this.#network.snapshot()
    for (const { id, queued, highWater } of wires) {
      const capacity = this.#wires.get(id)?.capacity ?? 0
      check(
        queued <= capacity && highWater <= capacity,
        () => `wire ${id} held ${Math.max(queued, highWater)} of ${capacity}`,
      )
    }
    for (const { id, outbox } of nodes) {
      const bound = this.#sources.includes(id) ? 3 : Number(this.#trial.workers[Number(id.slice(1))]?.outbox ?? 2)
      check(outbox <= bound, () => `the outbox of ${id} held ${outbox} of ${bound}`)
    }
  }

  /** What lay on a wire that was taken away is among the dead letters. */
  #checkBuried(tokens: readonly number[], { from, to, port }: LivingWire): void {
    const buried = this.#buried(from, to, port)
    for (const token of tokens)
      check(buried.has(token), () => `${this.#name(token)} lay on the way to ${to} when that was cut, and is nowhere`)
  }

  #buried(from: string, to: string, port: string): Map<number, number> {
    const counts = new Map<number, number>()
    for (const letter of this.#network.deadLetters()) {
      if (letter.node !== to || letter.port !== port || letter.source !== `${from}.Out`) continue
      const token = JSON.parse(letter.preview).data as number
      counts.set(token, (counts.get(token) ?? 0) + 1)
    }
    return counts
  }

  /** Each inport has first seen the messages of each source in the order in which that one emitted them. */
  #checkOrder(): void {
    for (const [inport, tokens] of this.#seen) {
      const last = new Map<string, number>()
      for (const token of tokens) {
        const { node, place } = this.#tokens[token] ?? { node: '', place: 0 }
        check(place > (last.get(node) ?? -1), () => `${inport} saw ${this.#name(token)} after a later one`)
        last.set(node, place)
      }
    }
  }

  /** Every message over every wire arrived, was buried or waits, and exactly one of these. */
  #checkLedger(): void {
    for (const [inport, tokens] of this.#seen) {
      const [node = '', port = ''] = inport.split('.')
      for (const token of tokens) {
        const done = this.#done.get(`${inport}:${token}`) ?? 0
        const buried = this.#buried(this.#tokens[token]?.node ?? '', node, port).get(token) ?? 0
        check(
          done + buried === 1,
          () => `${inport} saw ${this.#name(token)}, was done with it ${done} times and lost it ${buried} times`,
        )
      }
    }
    for (const [id, wire] of this.#wires) {
      const waiting = new Set(this.#waitingOn(id))
      const buried = this.#buried(wire.from, wire.to, wire.port)
      this.#tokens.forEach(({ node, step }, token) => {
        if (node !== wire.from || wire.addedAt > step || !this.#wasEmitted(node, token)) return
        const done = this.#done.get(`${wire.to}.${wire.port}:${token}`) ?? 0
        const places = done + (buried.get(token) ?? 0) + (waiting.has(token) ? 1 : 0)
        check(places === 1, () => `${this.#name(token)} is in ${places} places beyond ${id}`)
      })
    }
  }

  /** Whether a node has come to the end of what it made this message of. */
  #wasEmitted(node: string, token: number): boolean {
    const origin = this.#originOf.get(token)
    return this.#sources.includes(node) || (origin !== undefined && this.#done.has(origin))
  }

  #name(token: number): string {
    const { node = '?', place = -1 } = this.#tokens[token] ?? {}
    return `message ${place} of ${node}`
  }
}

const breath = () => new Promise<void>((resolve) => setImmediate(resolve))

/** Tries networks until one does what it must not; gives what that was. */
export async function findViolation({ seed, runs }: { seed: number; runs: number }): Promise<string | undefined> {
  const outcome = await fc.check(fc.asyncProperty(trials, runTrial), { seed, numRuns: runs, endOnFailure: true })
  if (!outcome.failed) return undefined
  const error: unknown = outcome.errorInstance
  return error instanceof Violation ? error.message : `not a violation: ${String((error as Error).stack)}`
}
