import type { NodeSnapshot } from '../shared/index.ts'
import type { ActorDefinition, Sent } from './actor.ts'
import { type AsyncNode, AsyncRuns } from './async-runs.ts'
import { arrivalsOf, Context } from './context.ts'
import type { ActorPlan } from './actor-plan.ts'
import type { Inport } from './inport.ts'
import type { InputView, SharedInputs } from './inputs.ts'
import { Intake } from './intake.ts'
import type { NodeSettings } from './node-config.ts'
import { NodeFailures } from './node-failures.ts'
import type { NodePhase } from './node-phase.ts'
import { NodeFigures } from './node-figures.ts'
import type { NodeHost } from './node-host.ts'
import { type LivingNode, NodeLife } from './node-life.ts'
import type { NetworkTracing, TraceNote } from './network-tracing.ts'
import { NodeTurns, type TurningNode } from './node-turns.ts'
import { NodeServices, type ServedNode } from './node-services.ts'
import { Outbox, type OutboxOwner, type Sender } from './outbox.ts'
import type { Outport } from './outport.ts'
import { emitOutputs } from './outputs.ts'
import { TracedNode } from './traced-node.ts'
import { type SupervisedNode, Supervisor } from './supervisor.ts'
import type { Wire } from './wire.ts'

/** Those of a node to which nothing has happened. */
const noFigures: Readonly<NodeFigures> = Object.freeze(new NodeFigures())

/** `local` runs here, `remote` stands for a node of a peer, `egress` is where a link takes messages out. */
export type NodeRole = NodeSnapshot['role']

/** One node of a network: its ports, and what happens to a message that has come to it. */
export class NetworkNode implements OutboxOwner, AsyncNode, LivingNode, ServedNode, SupervisedNode, TurningNode {
  readonly id: string
  readonly plan: ActorPlan
  readonly role: NodeRole
  readonly turns: NodeTurns
  readonly intake: Intake
  readonly outports: readonly Outport[]
  readonly outbox: Outbox
  settings: NodeSettings
  phase: NodePhase = 'stopped'
  /** Present once the behaviour has turned out to be asynchronous. */
  asyncRuns: AsyncRuns | undefined
  /** Whether it failed too often and waits for somebody to restart it. */
  isParked = false
  readonly #host: NodeHost
  #pastAsyncMs = 0
  #isSuspended = false
  // What is made when it is first needed: of ten thousand nodes, most need none of these before their first message or failure.
  #context: Context | undefined
  #figures: NodeFigures | undefined
  #services: NodeServices | undefined
  #life: NodeLife | undefined
  #failures: NodeFailures | undefined
  #supervisor: Supervisor | undefined
  #traced: TracedNode | undefined

  constructor(host: NodeHost, id: string, plan: ActorPlan, settings: NodeSettings, role: NodeRole) {
    this.#host = host
    this.id = id
    this.plan = plan
    this.role = role
    this.settings = settings
    this.turns = new NodeTurns(this, host)
    this.intake = new Intake(this.turns, plan.gates)
    this.outports = plan.makeOutports()
    this.outbox = new Outbox(this, host)
  }

  get label(): string {
    return `node "${this.id}"`
  }

  get actor(): ActorDefinition {
    return this.plan.actor
  }

  get inports(): readonly Inport[] {
    return this.plan.inports
  }

  get shared(): SharedInputs {
    return this.plan.inputs
  }

  get behaviour() {
    return this.#traced === undefined ? this.plan.behaviour : this.#traced.behaviour
  }

  /** Follows the messages that are noted from now on, or none. */
  follow(tracing: NetworkTracing | undefined, noteOf: (wire: Wire, number: number) => TraceNote | undefined): void {
    this.#traced = tracing === undefined ? undefined : new TracedNode(this, tracing, noteOf)
  }

  get checksMessages(): boolean {
    return this.plan.checksMessages
  }

  get figures(): NodeFigures {
    return (this.#figures ??= new NodeFigures())
  }

  /** As `figures`, to look at. */
  get figuresSoFar(): Readonly<NodeFigures> {
    return this.#figures ?? noFigures
  }

  get services(): NodeServices {
    return (this.#services ??= new NodeServices(this, this.#host))
  }

  get gaugeValues(): Record<string, number> {
    return this.#services?.gaugeValues ?? {}
  }

  get failures(): NodeFailures {
    return (this.#failures ??= new NodeFailures(this, this.#host))
  }

  get life(): NodeLife {
    const hasEnded = this.phase !== 'starting' && this.phase !== 'started'
    return (this.#life ??= new NodeLife(this, { hasEnded }))
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

  /** What is kept of its state, if anything shall be. */
  get kept() {
    return this.#host.states.describe(this)
  }

  get pace() {
    return this.#host.scheduler.pace
  }

  get sizer() {
    return this.#host.sizer
  }

  /** What a synchronous behaviour works with, message after message. */
  get context(): Context {
    return (this.#context ??= this.newContext())
  }

  // ---- when it runs

  /** Has itself scheduled if there is something it can do. */
  wake(): void {
    this.turns.wake()
  }

  served(durationMs: number): void {
    this.turns.times.service.record(durationMs)
  }

  /** Whether nothing happens here and nothing is about to. */
  get isQuiet(): boolean {
    const waitsForRoom = this.outbox.obstacles > 0 && this.intake.isReady && this.phase === 'started'
    return !this.turns.scheduled && this.inFlight === 0 && !waitsForRoom
  }

  get inFlight(): number {
    return this.asyncRuns?.inFlight ?? 0
  }

  // ---- what its behaviour does

  call(context: Context): unknown {
    return this.#traced === undefined ? this.plan.behaviour.call(this.actor, context) : this.#traced.call(context)
  }

  /** Emits what a behaviour returned; if that cannot be read, what the context holds becomes dead letters. */
  putOutputs(outputs: unknown, context: Context): void {
    try {
      if (typeof outputs === 'object' && outputs !== null) emitOutputs(this, outputs)
    } catch (error) {
      this.failures.unreadable(context, error)
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

  newContext(sender?: Sender): Context {
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
    this.#host.pausedHasWork(this.turns)
  }

  wireFilled(wire: Wire): void {
    const nowMs = this.timeMs
    this.figures.blocked(nowMs)
    this.#host.blocked(this)
    if (wire.fullAtMs !== undefined && nowMs - wire.fullAtMs < 1_000) return
    wire.fullAtMs = nowMs
    this.#host.emit({ type: 'wireFull', wire: wire.id, capacity: wire.capacity })
  }

  began(): void {
    this.life.begun()
  }

  breathe(): Sent {
    return this.services.breathe()
  }

  // ---- its life

  /** Starts it. Gives something to await only where there is a start hook, or where it fails. */
  begin(options: { keepState: boolean }): Promise<void> | undefined {
    if (this.actor.start !== undefined || this.#life !== undefined) return this.life.begin(options)
    try {
      this.open(options)
    } catch (error) {
      return Promise.reject(this.life.fail(error))
    }
    this.ready()
    return undefined
  }

  /** Ends it: aborts its signal and runs its stop hook, if it has any. */
  async finish(): Promise<void> {
    await this.#life?.end()
  }

  makeContext(): Context {
    return new Context(this.services, { waiting: undefined })
  }

  /** Prepares a new run: fresh state, open outbox. */
  open({ keepState }: { keepState: boolean }): void {
    this.phase = 'starting'
    this.isParked = false
    this.turns.begin()
    this.#unsuspend()
    if (this.#figures !== undefined) this.#figures.lastError = undefined
    this.outbox.setPhase('open')
    if (keepState) return
    const { state } = this.actor
    if (this.settings.options.persist !== undefined) this.services.state = this.#host.states.initial(this)
    else if (state !== undefined) this.services.state = state.call(this.actor, this.settings.config)
    else if (this.#services !== undefined) this.#services.state = undefined
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
    this.becomeSync()
    this.outbox.flush()
    this.outbox.setPhase('closed')
    this.phase = phase
    this.#figures?.unblocked(this.timeMs)
    if (wasOpen && phase === 'stopped') this.#host.emit({ type: 'nodeStopped', node: this.id })
    return abandoned
  }

  settled(): void {
    if (this.asyncRuns?.isOver === true) this.becomeSync()
    this.wake()
    this.#host.scheduler.pulse()
  }

  // ---- its supervision

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

  /** Runs the stop hook and the start hook again, with fresh state between, or with the last snapshot of it. Throws what the start hook threw. */
  async renew(): Promise<void> {
    // Whoever asks for the signal of the run that ends, even later, shall find it aborted.
    await this.life.end()
    if (this.phase === 'starting') await this.life.begin({ keepState: false })
  }

  /** Ends it after a failure; what waits for it stays queued. */
  end(phase: 'failed' | 'parked'): void {
    this.close('failed')
    this.isParked = phase === 'parked'
    void this.finish()
    this.#host.scheduler.pulse()
  }

  /** A start hook has thrown after it had begun to send. */
  #sourceFailed(error: unknown): void {
    const { strategy } = this.settings.supervision
    if (strategy === 'restart') void this.supervisor.restart(error)
    else if (strategy === 'escalate') this.supervisor.giveUp(error)
  }

  #unsuspend(): void {
    if (!this.#isSuspended) return
    this.#isSuspended = false
    this.outbox.obstacles--
  }

  becomeSync(): void {
    this.#pastAsyncMs += this.asyncRuns?.busyMs ?? 0
    this.asyncRuns = undefined
  }

  /** Time its behaviours took, by the sum of synchronous ones and the time in which at least one asynchronous was under way. */
  get busyMs(): number {
    return this.figuresSoFar.busyMs + this.#pastAsyncMs + (this.asyncRuns?.busyMs ?? 0)
  }
}
