import type { ActorPlan } from './actor-plan.ts'
import type { NodeFigures } from './node-figures.ts'
import type { NodeHost, PausedNode } from './node-host.ts'
import type { NodePhase } from './node-phase.ts'
import { NodeTimes } from './node-times.ts'
import { type LoopNode, runAll, runAny, runAsync } from './run-loops.ts'
import type { Runnable } from './scheduler.ts'

/** The node whose turns they are. */
export interface TurningNode extends LoopNode {
  readonly id: string
  readonly plan: ActorPlan
  readonly phase: NodePhase
  readonly figures: NodeFigures
  /** Goes on as a synchronous node: what its behaviour gives it gives at once again. */
  becomeSync(): void
  readonly outbox: LoopNode['outbox'] & {
    readonly isHeld: boolean
    readonly waiting: number
    hold(count: number | undefined): void
  }
}

/** When a node runs: as long as it has input and room for its output, in batches, and paused only as often as it is told to. */
export class NodeTurns implements Runnable, PausedNode {
  scheduled = false
  wokenIn: number | undefined
  batch = 0
  /** Messages (sets with `all` firing) it may still take; finite only while it is paused or steps. */
  allowance = Infinity
  readonly #node: TurningNode
  readonly #host: NodeHost
  #times: NodeTimes | undefined
  #isStarved = false

  constructor(node: TurningNode, host: NodeHost) {
    this.#node = node
    this.#host = host
  }

  canRun(): boolean {
    const { phase, outbox, intake, asyncRuns } = this.#node
    return (
      phase === 'started' &&
      this.allowance > 0 &&
      outbox.obstacles === 0 &&
      intake.isReady &&
      (asyncRuns === undefined || asyncRuns.hasRoom)
    )
  }

  /** Has the node scheduled if there is something it can do. */
  wake(): void {
    if (this.scheduled) return
    if (this.canRun()) return this.#host.scheduler.add(this)
    const { phase, intake, plan } = this.#node
    // What comes while it cannot run waits from now on.
    if (phase === 'started' && !intake.isEmpty) this.times.held(this.#host.scheduler.timeMs)
    if (this.allowance === 0) this.#host.pausedHasWork(this)
    else if (plan.gates > 1) this.#lookForStarvation()
  }

  runBatch(limit: number, startMs: number): number {
    const { intake } = this.#node
    if (this.#times === undefined || startMs >= this.#times.dueMs) this.#time(startMs)
    this.wokenIn = undefined
    intake.expire()
    if (this.allowance === Infinity) return this.#run(limit)
    const each = intake.gates
    const done = this.#run(Math.min(limit, this.allowance * each))
    this.allowance = Math.max(0, this.allowance - done / each)
    return done
  }

  charge(startMs: number, endMs: number, done: number): void {
    const { figures, asyncRuns } = this.#node
    figures.activeAtMs = endMs
    if (asyncRuns === undefined) figures.busyMs += endMs - startMs
    if (this.#times?.isCurious === true) this.#times.ended(startMs, endMs, done, asyncRuns === undefined ? done : 0)
  }

  /** Whether it is paused, and would have something to do if it were not. */
  get couldRun(): boolean {
    const { phase, outbox, intake, asyncRuns } = this.#node
    if (this.allowance > 0 || phase !== 'started') return false
    if (outbox.isHeld) return outbox.waiting > 0
    return outbox.obstacles === 0 && intake.isReady && asyncRuns?.hasRoom !== false
  }

  /** Lets it take so many more messages, or without end; a source emits so many more. */
  allow(count: number): void {
    const { plan, outbox } = this.#node
    const isSource = plan.inports.length === 0
    // What a source may still emit its outbox counts.
    this.allowance = isSource && count !== Infinity ? 0 : count
    if (isSource) outbox.hold(count === Infinity ? undefined : count)
    this.wake()
  }

  /** How long messages wait for the node, and how long it takes for each. */
  get times(): NodeTimes {
    return (this.#times ??= new NodeTimes())
  }

  /** As `times`, but `undefined` where it has not run yet. */
  get timesKept(): NodeTimes | undefined {
    return this.#times
  }

  /** Takes note that the node is started anew. */
  begin(): void {
    this.#isStarved = false
  }

  #run(limit: number): number {
    const node = this.#node
    // One wait for room in a link, say, would otherwise make every later message cost a context of its own.
    if (node.asyncRuns?.isOver === true) node.becomeSync()
    if (node.asyncRuns !== undefined) return runAsync(node, limit)
    return node.actor.firing === 'all' ? runAll(node, limit) : runAny(node, limit)
  }

  #time(startMs: number): void {
    const wokenMs = this.wokenIn === undefined ? undefined : this.#host.scheduler.moments.at(this.wokenIn)
    this.times.began(startMs, this.#node.intake.peek(), wokenMs)
  }

  /** Says so, once, when messages wait here for others that can never come. */
  #lookForStarvation(): void {
    const { id, phase, intake, inports } = this.#node
    if (this.#isStarved || phase !== 'started' || intake.queued === 0 || intake.isReady) return
    const { unwired } = intake
    const ports = inports.filter(({ index }) => unwired.has(index)).map(({ name }) => name)
    if (ports.length === 0) return
    this.#isStarved = true
    const named = ports.map((port) => `"${port}"`).join(', ')
    const reason = `it runs once each inport has a message, and nothing is wired to ${named}: what comes to the others waits`
    this.#host.emit({ type: 'nodeStarved', node: id, ports, reason })
  }
}
