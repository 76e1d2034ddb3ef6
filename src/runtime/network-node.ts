import { defaultRetry, defaultSupervision, type NodeSnapshot, type Retry, type Supervision } from '../shared/index.ts'
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
import { NodeTimes } from './node-times.ts'
import { NodeServices, type ServedNode } from './node-services.ts'
import { Outbox, type OutboxOwner, type Sender } from './outbox.ts'
import { type Outport, Outports } from './outport.ts'
import { runAll, runAny, runAsync, takeSet } from './run-loops.ts'
import type { Runnable } from './scheduler.ts'
import { type SupervisedNode, Supervisor } from './supervisor.ts'
import type { Wire } from './wire.ts'

/** Those of a node to which nothing has happened. */
const noFigures: Readonly<NodeFigures> = Object.freeze(new NodeFigures())

/** `local` runs here, `remote` stands for a node of a peer, `egress` is where a link takes messages out. */
export type NodeRole = NodeSnapshot['role']

/** One node of a network: its ports, and what happens to a message that has come to it. */
export class NetworkNode implements Runnable, OutboxOwner, AsyncNode, LivingNode, ServedNode, SupervisedNode {
  readonly id: string
  readonly plan: ActorPlan
  readonly role: NodeRole
  readonly intake: Intake
  readonly outports: Outports
  readonly outbox: Outbox
  settings: NodeSettings
  phase: NodePhase = 'stopped'
  /** Present once the behaviour has turned out to be asynchronous. */
  asyncRuns: AsyncRuns | undefined
  scheduled = false
  wokenIn: number | undefined
  batch = 0
  /** Messages (sets with `all` firing) it may still take; finite only while it is paused or steps. */
  allowance = Infinity
  /** Whether it failed too often and waits for somebody to restart it. */
  isParked = false
  readonly #host: NodeHost
  #pastAsyncMs = 0
  #isSuspended = false
  #isStarved = false
  // What is made when it is first needed: of ten thousand nodes, most need none of these before their first message or failure.
  #context: Context | undefined
  #figures: NodeFigures | undefined
  #services: NodeServices | undefined
  #life: NodeLife | undefined
  #failures: NodeFailures | undefined
  #supervisor: Supervisor | undefined
  #times: NodeTimes | undefined

  constructor(host: NodeHost, id: string, plan: ActorPlan, settings: NodeSettings, role: NodeRole) {
    this.#host = host
    this.id = id
    this.plan = plan
    this.role = role
    this.settings = settings
    this.intake = new Intake(this, plan.gates)
    this.outports = new Outports(id, plan.makeOutports())
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
    return this.plan.behaviour
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
    return (this.#context ??= this.#newContext())
  }

  // ---- when it runs

  canRun(): boolean {
    return (
      this.phase === 'started' &&
      this.allowance > 0 &&
      this.outbox.obstacles === 0 &&
      this.intake.isReady &&
      (this.asyncRuns === undefined || this.asyncRuns.hasRoom)
    )
  }

  /** Has itself scheduled if there is something it can do. */
  wake(): void {
    if (this.scheduled) return
    if (this.canRun()) return this.#host.scheduler.add(this)
    // What comes while it cannot run waits from now on.
    if (this.phase === 'started' && !this.intake.isEmpty) this.times.held(this.timeMs)
    if (this.allowance === 0) this.#host.pausedHasWork(this)
    else if (this.plan.gates > 1) this.#lookForStarvation()
  }

  /** Says so, once, when messages wait here for others that can never come. */
  #lookForStarvation(): void {
    if (this.#isStarved || this.phase !== 'started' || this.intake.queued === 0 || this.intake.isReady) return
    const { unwired } = this.intake
    const ports = this.inports.filter(({ index }) => unwired.has(index)).map(({ name }) => name)
    if (ports.length === 0) return
    this.#isStarved = true
    const reason = `it runs once each inport has a message, and nothing is wired to ${ports.map((port) => `"${port}"`).join(', ')}: what comes to the others waits`
    this.#host.emit({ type: 'nodeStarved', node: this.id, ports, reason })
  }

  runBatch(limit: number, startMs: number): number {
    if (this.#times === undefined || startMs >= this.#times.dueMs) this.#time(startMs)
    this.wokenIn = undefined
    this.intake.expire()
    if (this.allowance === Infinity) return this.#run(limit)
    const each = this.intake.gates
    const done = this.#run(Math.min(limit, this.allowance * each))
    this.allowance = Math.max(0, this.allowance - done / each)
    return done
  }

  #run(limit: number): number {
    if (this.asyncRuns !== undefined) return runAsync(this, limit)
    return this.actor.firing === 'all' ? runAll(this, limit) : runAny(this, limit)
  }

  #time(startMs: number): void {
    const wokenMs = this.wokenIn === undefined ? undefined : this.#host.scheduler.moments.at(this.wokenIn)
    this.times.began(startMs, this.intake.peek(), wokenMs)
  }

  /** Whether it is paused, and would have something to do if it were not. */
  get couldRun(): boolean {
    if (this.allowance > 0 || this.phase !== 'started') return false
    if (this.outbox.isHeld) return this.outbox.waiting > 0
    return this.outbox.obstacles === 0 && this.intake.isReady && this.asyncRuns?.hasRoom !== false
  }

  /** Lets it take so many more messages, or without end; a source emits so many more. */
  allow(count: number): void {
    const isSource = this.inports.length === 0
    // What a source may still emit its outbox counts.
    this.allowance = isSource && count !== Infinity ? 0 : count
    if (isSource) this.outbox.hold(count === Infinity ? undefined : count)
    this.wake()
  }

  charge(startMs: number, endMs: number, done: number): void {
    this.figures.activeAtMs = endMs
    const isAsync = this.asyncRuns !== undefined
    if (!isAsync) this.figures.busyMs += endMs - startMs
    if (this.#times?.isCurious === true) this.#times.ended(startMs, endMs, done, isAsync ? 0 : done)
  }

  /** How long messages wait for it, and how long it takes for each. */
  get times(): NodeTimes {
    return (this.#times ??= new NodeTimes())
  }

  /** As `times`, but `undefined` where it has not run yet. */
  get timesKept(): NodeTimes | undefined {
    return this.#times
  }

  served(durationMs: number): void {
    this.times.service.record(durationMs)
  }

  /** Whether nothing happens here and nothing is about to. */
  get isQuiet(): boolean {
    const waitsForRoom = this.outbox.obstacles > 0 && this.intake.isReady && this.phase === 'started'
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
    const slots = Array.from({ length: this.intake.gates }, () => ({ value: undefined as unknown, size: 0 }))
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
    this.#isStarved = false
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
    this.#endAsync()
    this.outbox.flush()
    this.outbox.setPhase('closed')
    this.phase = phase
    this.#figures?.unblocked(this.timeMs)
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
    return this.figuresSoFar.busyMs + this.#pastAsyncMs + (this.asyncRuns?.busyMs ?? 0)
  }
}
