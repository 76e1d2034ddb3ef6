import { defaultRetry, defaultSupervision, type NodeSnapshot, type Retry, type Supervision } from '../shared/index.ts'
import type { ActorDefinition, Sent } from './actor.ts'
import { type AsyncNode, AsyncRuns } from './async-runs.ts'
import { arrivalsOf, Context } from './context.ts'
import { Gate } from './gate.ts'
import { type Inport, makeInports } from './inport.ts'
import type { InputView, SharedInputs } from './inputs.ts'
import type { NodeSettings } from './node-config.ts'
import { NodeFailures } from './node-failures.ts'
import type { NodePhase } from './node-phase.ts'
import { NodeFigures } from './node-figures.ts'
import type { NodeHost } from './node-host.ts'
import { type LivingNode, NodeLife } from './node-life.ts'
import { NodeServices, type ServedNode } from './node-services.ts'
import { Outbox, type OutboxOwner, type Sender } from './outbox.ts'
import { makeOutports, type Outport, type Outports } from './outport.ts'
import { runAll, runAny, runAsync, takeSet } from './run-loops.ts'
import type { Runnable } from './scheduler.ts'
import { type SupervisedNode, Supervisor } from './supervisor.ts'
import type { Wire } from './wire.ts'

/**
 * Messages that somebody who may await may send in one turn of the loop before the next one is due. Then queues stay short, and what is in
 * them young: a hundred sources that first fill their wires to the brim are half as fast, since the collector copies all of it.
 */
const breathEvery = 256

/** A wire that takes away what has waited too long. */
interface TimedWire {
  expire(): void
}

/** `local` runs here, `remote` stands for a node of a peer, `egress` is where a link takes messages out. */
export type NodeRole = NodeSnapshot['role']

/** One node of a network: its ports, and what happens to a message that has come to it. */
export class NetworkNode implements Runnable, OutboxOwner, AsyncNode, LivingNode, ServedNode, SupervisedNode {
  readonly id: string
  readonly label: string
  readonly actor: ActorDefinition
  readonly role: NodeRole
  readonly inports: readonly Inport[]
  readonly outports: Outports
  readonly outbox: Outbox
  readonly shared: SharedInputs
  readonly life: NodeLife
  readonly services: NodeServices
  readonly figures = new NodeFigures()
  readonly failures: NodeFailures
  /** Wires into it. An array: most nodes have one or two, and a set costs 200 bytes. */
  inwires: Wire[] = []
  readonly behaviour: (context: Context) => unknown
  /** Whether an inport has a schema. */
  readonly checksMessages: boolean
  settings: NodeSettings
  phase: NodePhase = 'stopped'
  /** Present once the behaviour has turned out to be asynchronous. */
  asyncRuns: AsyncRuns | undefined
  scheduled = false
  batch = 0
  /** Messages (sets with `all` firing) it may still take; finite only while it is paused or steps. */
  allowance = Infinity
  readonly #host: NodeHost
  readonly #gates: readonly Gate[]
  #context: Context | undefined
  #pastAsyncMs = 0
  /** Wires whose messages have an end to their life; looked at before each batch. */
  #timed: Set<TimedWire> | undefined
  /** Whether it failed too often and waits for somebody to restart it. */
  isParked = false
  #supervisor: Supervisor | undefined
  #isSuspended = false
  #breathTurn = -1
  #breathCount = 0

  constructor(host: NodeHost, id: string, actor: ActorDefinition, settings: NodeSettings, role: NodeRole) {
    this.#host = host
    this.id = id
    this.label = `node "${id}"`
    this.actor = actor
    this.role = role
    this.settings = settings
    this.inports = makeInports(actor)
    this.outports = makeOutports(id, actor)
    this.outbox = new Outbox(this, host)
    this.shared = host.sharedInputs(actor)
    this.life = new NodeLife(this)
    this.failures = new NodeFailures(this, host)
    this.services = new NodeServices(this, host)
    // A source has no behaviour; whatever it gets is taken and forgotten.
    this.behaviour = actor.run ?? (() => undefined)
    this.checksMessages = this.inports.some(({ schema }) => schema !== undefined)
    const wake = () => this.wake()
    this.#gates = actor.firing === 'all' ? this.inports.map(() => new Gate(wake)) : [new Gate(wake)]
  }

  get platform() {
    return this.#host.platform
  }

  get freeze() {
    return this.#host.freeze
  }

  get timeMs(): number {
    return this.#host.scheduler.timeMs
  }

  get pace() {
    return this.#host.scheduler.pace
  }

  get sizer() {
    return this.#host.sizer
  }

  /** What a synchronous behaviour works with, message after message. */
  get context(): Context {
    return (this.#context ??= this.#newContext())
  }

  // ---- when it runs

  /** The gate that an inport's wires stand in. */
  gateOf(inport: number): Gate {
    const gate = this.#gates[this.#gates.length === 1 ? 0 : inport]
    if (gate === undefined) throw new Error(`node "${this.id}" has no inport number ${inport}`)
    return gate
  }

  /** Whether each gate has something. */
  get hasInput(): boolean {
    for (const gate of this.#gates) if (gate.isEmpty) return false
    return this.#gates.length > 0
  }

  canRun(): boolean {
    return (
      this.phase === 'started' &&
      this.allowance > 0 &&
      this.outbox.obstacles === 0 &&
      this.hasInput &&
      (this.asyncRuns === undefined || this.asyncRuns.hasRoom)
    )
  }

  /** Has itself scheduled if there is something it can do. */
  wake(): void {
    if (this.scheduled) return
    if (this.canRun()) this.#host.scheduler.add(this)
    else if (this.allowance === 0) this.#host.pausedHasWork(this)
  }

  runBatch(limit: number): number {
    if (this.#timed !== undefined) for (const wire of this.#timed) wire.expire()
    if (this.allowance === Infinity) return this.#run(limit)
    const each = this.#gates.length
    const done = this.#run(Math.min(limit, this.allowance * each))
    this.allowance = Math.max(0, this.allowance - done / each)
    return done
  }

  #run(limit: number): number {
    if (this.asyncRuns !== undefined) return runAsync(this, limit)
    return this.actor.firing === 'all' ? runAll(this, limit) : runAny(this, limit)
  }

  /** Whether it is paused, and would have something to do if it were not. */
  get couldRun(): boolean {
    if (this.allowance > 0 || this.phase !== 'started') return false
    if (this.outbox.isHeld) return this.outbox.waiting > 0
    return this.outbox.obstacles === 0 && this.hasInput && this.asyncRuns?.hasRoom !== false
  }

  /** Messages on the wires into this node, without those that still wait in the outboxes of its sources. */
  get queued(): number {
    let queued = 0
    for (const wire of this.inwires) queued += (wire.isOutside ? wire.length : wire.queued) + wire.inlet.heldBack
    return queued
  }

  /** How often it could run with what is queued. */
  get setsQueued(): number {
    const byGate = new Map(this.#gates.map((gate) => [gate, 0]))
    for (const wire of this.inwires) {
      const gate = this.gateOf(wire.inport.index)
      byGate.set(gate, (byGate.get(gate) ?? 0) + wire.queued)
    }
    return Math.min(...byGate.values())
  }

  /** Lets it take so many more messages, or without end; a source emits so many more. */
  allow(count: number): void {
    const isSource = this.inports.length === 0
    // What a source may still emit its outbox counts.
    this.allowance = isSource && count !== Infinity ? 0 : count
    if (isSource) this.outbox.hold(count === Infinity ? undefined : count)
    this.wake()
  }

  /** Has a wire looked at before each batch. */
  watchTime(wire: TimedWire): void {
    this.#timed ??= new Set()
    this.#timed.add(wire)
  }

  unwatchTime(wire: TimedWire): void {
    this.#timed?.delete(wire)
    if (this.#timed?.size === 0) this.#timed = undefined
  }

  charge(elapsedMs: number): void {
    if (this.asyncRuns === undefined) this.figures.busyMs += elapsedMs
    this.figures.activeAtMs = this.timeMs
  }

  /** Whether nothing happens here and nothing is about to. */
  get isQuiet(): boolean {
    const waitsForRoom = this.outbox.obstacles > 0 && this.hasInput && this.phase === 'started'
    return !this.scheduled && this.inFlight === 0 && !waitsForRoom
  }

  get inFlight(): number {
    return this.asyncRuns?.inFlight ?? 0
  }

  // ---- what its behaviour does

  call(context: Context): unknown {
    return this.behaviour.call(this.actor, context)
  }

  /** Emits what a behaviour returned; if that cannot be read, what the context holds becomes dead letters. */
  putOutputs(outputs: unknown, context: Context): void {
    try {
      this.#emitOutputs(outputs)
    } catch (error) {
      this.failures.unreadable(context, error)
    }
  }

  #emitOutputs(outputs: unknown): void {
    if (typeof outputs !== 'object' || outputs === null) return
    const byPort = outputs as Readonly<Record<string, unknown>>
    for (const name in byPort) {
      const value = byPort[name]
      const outport = this.outports.find(name)
      if (outport === undefined) this.failures.putNowhere(name, value)
      else if (value !== undefined || outport.emitsUndefined) this.outbox.put(outport, value)
    }
  }

  get mayEmit(): boolean {
    return this.outbox.obstacles === 0
  }

  /** Turns a node whose behaviour has returned its first promise into an asynchronous one. What the behaviour holds stays its own. */
  becomeAsync(view: InputView, outputs: PromiseLike<unknown>): void {
    this.shared.donate(view)
    const { context } = this
    this.#context = undefined
    this.openAsync().adopt(context, outputs)
  }

  openAsync(): AsyncRuns {
    this.asyncRuns ??= new AsyncRuns(this, this.settings.options.parallel ?? this.actor.parallel ?? 1)
    return this.asyncRuns
  }

  /** Takes what the next run is for into a context of its own. */
  takeArrivals(): Context {
    const context = this.#newContext({ waiting: undefined })
    const slots = this.#gates.map(() => ({ value: undefined as unknown, size: 0 }))
    takeSet(this, context.wires, slots)
    const entries = context.wires.map((wire, index) => [wire.to.port, slots[index]?.value] as const)
    const port = context.wires.at(-1)?.to.port ?? ''
    context.show({ slots, inputs: Object.fromEntries(entries) }, port)
    return context
  }

  #newContext(sender?: Sender): Context {
    const context = new Context(this.services, sender)
    context.isBounded = this.deadlineMs !== undefined
    return context
  }

  // ---- what goes wrong

  abandoned(contexts: readonly Context[]): void {
    const reason = `node "${this.id}" was stopped while the message was in process`
    for (const context of contexts) this.failures.bury(arrivalsOf(context), 'NETWORK_STATE', reason)
  }

  lateMessage(outport: Outport, value: unknown): void {
    this.failures.late(outport, value)
  }

  warn(text: string): void {
    this.#host.log('warn', this.id, text)
  }

  // ---- its outbox

  relieved(): void {
    this.figures.unblocked(this.timeMs)
    this.asyncRuns?.flush()
    this.wake()
  }

  held(): void {
    this.#host.pausedHasWork(this)
  }

  wireFilled(wire: Wire): void {
    const nowMs = this.timeMs
    this.figures.blocked(nowMs)
    this.#host.blocked(this)
    if (nowMs - wire.fullAtMs < 1_000) return
    wire.fullAtMs = nowMs
    this.#host.emit({ type: 'wireFull', wire: wire.id, capacity: wire.capacity })
  }

  began(): void {
    this.life.begun()
  }

  breathe(): Sent {
    const { scheduler } = this.#host
    if (this.#breathTurn !== scheduler.turn) {
      this.#breathTurn = scheduler.turn
      this.#breathCount = 0
    }
    return ++this.#breathCount % breathEvery === 0 ? scheduler.nextTurn() : undefined
  }

  // ---- its life

  makeContext(): Context {
    return new Context(this.services, { waiting: undefined })
  }

  /** Prepares a new run: fresh state, open outbox. */
  open({ keepState }: { keepState: boolean }): void {
    this.phase = 'starting'
    this.isParked = false
    this.#unsuspend()
    this.figures.lastError = undefined
    this.outbox.setPhase('open')
    if (!keepState) this.services.state = this.actor.state?.(this.settings.config)
  }

  ready(): void {
    if (this.phase !== 'starting') return
    this.phase = 'started'
    this.#supervisor?.began()
    this.outbox.setPhase('open')
    this.#host.emit({ type: 'nodeStarted', node: this.id })
    // What ended while it was being restarted.
    this.asyncRuns?.flush()
    this.wake()
  }

  awaitFirstSend(): void {
    this.outbox.setPhase('starting')
  }

  failed(during: 'start' | 'stop', error: unknown): void {
    this.failures.count(during, error, 1)
    const hadBegun = this.phase === 'started'
    if (during === 'start') this.close('failed')
    if (during === 'start' && hadBegun) this.#sourceFailed(error)
    this.#host.scheduler.pulse()
  }

  /** Ends the run: what waits is kept on the wires, what is in process becomes dead letters. Gives the number of the latter. */
  close(phase: 'stopped' | 'failed' | 'removed'): number {
    if (this.phase === phase) return 0
    const wasOpen = this.phase === 'starting' || this.phase === 'started'
    this.#supervisor?.cancel()
    this.#unsuspend()
    const abandoned = this.asyncRuns?.abandon() ?? 0
    this.#endAsync()
    this.outbox.flush()
    this.outbox.setPhase('closed')
    this.phase = phase
    this.figures.unblocked(this.timeMs)
    if (wasOpen && phase === 'stopped') this.#host.emit({ type: 'nodeStopped', node: this.id })
    return abandoned
  }

  settled(): void {
    if (this.asyncRuns?.isOver === true) this.#endAsync()
    this.wake()
    this.#host.scheduler.pulse()
  }

  // ---- its supervision

  get retry(): Retry {
    return this.settings.options.retry ?? defaultRetry
  }

  get supervision(): Supervision {
    return this.settings.options.supervision ?? defaultSupervision
  }

  get deadlineMs(): number | undefined {
    return this.settings.options.deadlineMs
  }

  get supervisor(): Supervisor {
    return (this.#supervisor ??= new Supervisor(this, this.#host))
  }

  /** Takes no messages until its next start. */
  suspend(): void {
    this.phase = 'starting'
    if (this.#isSuspended) return
    this.#isSuspended = true
    this.outbox.obstacles++
  }

  /** Runs the stop hook and the start hook again, with fresh state between. Throws what the start hook threw. */
  async renew(): Promise<void> {
    await this.life.end()
    if (this.phase === 'starting') await this.life.begin({ keepState: false })
  }

  /** Ends it after a failure; what waits for it stays queued. */
  end(phase: 'failed' | 'parked'): void {
    this.close('failed')
    this.isParked = phase === 'parked'
    void this.life.end()
    this.#host.scheduler.pulse()
  }

  /** A start hook has thrown after it had begun to send. */
  #sourceFailed(error: unknown): void {
    const { strategy } = this.supervision
    if (strategy === 'restart') void this.supervisor.restart(error)
    else if (strategy === 'escalate') this.supervisor.giveUp(error)
  }

  #unsuspend(): void {
    if (!this.#isSuspended) return
    this.#isSuspended = false
    this.outbox.obstacles--
  }

  #endAsync(): void {
    this.#pastAsyncMs += this.asyncRuns?.busyMs ?? 0
    this.asyncRuns = undefined
  }

  /** Time its behaviours took, by the sum of synchronous ones and the time in which at least one asynchronous was under way. */
  get busyMs(): number {
    return this.figures.busyMs + this.#pastAsyncMs + (this.asyncRuns?.busyMs ?? 0)
  }
}
