import { describeError, isMillraceError, MillraceError } from '../shared/index.ts'
import type { ActorDefinition, StopNode } from './actor.ts'
import type { Context } from './context.ts'
import { isThenable } from './node-config.ts'
import type { Platform } from './host-platform.ts'

/** How long the start of a network waits for a start hook that neither returns nor sends. */
const patienceMs = 10_000

/** What the life of a node needs of it. */
export interface LivingNode {
  readonly id: string
  readonly actor: ActorDefinition
  readonly platform: Platform
  makeContext(): Context
  /** Prepares a new run, with fresh state unless the old one is kept. */
  open(options: { keepState: boolean }): void
  /** Starts to take messages. */
  ready(): void
  /** Waits with taking messages; the next emission tells that the hook has begun its work. */
  awaitFirstSend(): void
  /** Takes no messages and emits none. */
  failed(during: 'start' | 'stop', error: unknown): void
  warn(text: string): void
}

/** One run of a node, from its start to its stop. */
interface Run {
  controller: AbortController | undefined
  ended: boolean
  hook: Promise<void> | undefined
  /** Whether the start hook has sent something before it returned. */
  hasSent: boolean
  /** The end that is under way or over. */
  ending: Promise<void> | undefined
  stop: StopNode | undefined
  failure: MillraceError | undefined
  /** Ends the waiting for the start hook. */
  release: () => void
}

/** Runs the start and stop hooks of one node. */
export class NodeLife {
  readonly #node: LivingNode
  #run: Run

  /** Made when the node first needs it: one that has no hooks and asks for no signal never does. */
  constructor(node: LivingNode, { hasEnded }: { hasEnded: boolean }) {
    this.#node = node
    this.#run = newRun(hasEnded)
  }

  /** Aborts when this run ends. Made when somebody asks for it: most nodes never do. */
  get signal(): AbortSignal {
    const run = this.#run
    run.controller ??= new AbortController()
    if (run.ended && !run.controller.signal.aborted) run.controller.abort()
    return run.controller.signal
  }

  /**
   * Runs the start hook. Done when the hook is, or has begun to send: a source may go on in its hook for ever.
   *
   * @throws MillraceError with the code of what the hook threw, else `BEHAVIOUR_FAILED`.
   */
  async begin(options: { keepState: boolean }): Promise<void> {
    const run = newRun(false)
    this.#run = run
    const { actor } = this.#node
    try {
      this.#node.open(options)
      if (actor.start === undefined) return this.#node.ready()
      this.#node.awaitFirstSend()
      const outcome = actor.start(this.#node.makeContext())
      if (isThenable(outcome)) run.hook = this.#follow(run, outcome)
      else run.stop = outcome ?? undefined
    } catch (error) {
      throw this.fail(error, run)
    }
    if (run.hook === undefined || run.hasSent) return this.#node.ready()
    await this.#untilBegun(run, run.hook)
    if (run.failure !== undefined) throw run.failure
  }

  /** Takes the first emission of a hook that is still under way for its being started. */
  begun(): void {
    const run = this.#run
    run.hasSent = true
    // Before it has returned, the hook may still turn out to be one that throws at once.
    if (run.hook === undefined) return
    this.#node.ready()
    run.release()
  }

  /**
   * Aborts the signal, waits for the start hook if it is under way, and runs what it returned. Never throws; whoever calls it while
   * an end is under way waits for the same one.
   */
  end(): Promise<void> {
    const run = this.#run
    run.ended = true
    if (run.controller?.signal.aborted === false) run.controller.abort()
    run.ending ??= this.#finish(run)
    return run.ending
  }

  async #finish(run: Run): Promise<void> {
    run.release()
    await run.hook
    try {
      await run.stop?.()
    } catch (error) {
      this.#node.failed('stop', error)
    }
  }

  async #untilBegun(run: Run, hook: Promise<void>): Promise<void> {
    const begun = new Promise<void>((resolve) => {
      run.release = resolve
    })
    let giveUp = () => {}
    const patience = new Promise<void>((resolve) => {
      giveUp = this.#node.platform.after(patienceMs, () => {
        this.#node.warn(
          `its start hook is still under way after ${patienceMs / 1_000} s; the network goes on without it`,
        )
        resolve()
      })
    })
    await Promise.race([hook, begun, patience])
    giveUp()
  }

  async #follow(run: Run, outcome: PromiseLike<void | StopNode>): Promise<void> {
    try {
      run.stop = (await outcome) ?? undefined
      if (!run.ended) this.#node.ready()
    } catch (error) {
      // What a hook throws because its signal was aborted is the way it ends.
      if (!run.ended) this.fail(error, run)
    }
  }

  /** Ends a run that could not start; gives the error that says so. */
  fail(error: unknown, run = this.#run): MillraceError {
    const { id, actor } = this.#node
    const code = isMillraceError(error) ? error.code : 'BEHAVIOUR_FAILED'
    const reason = isMillraceError(error) ? error.message : describeError(error)
    run.failure = new MillraceError(code, `node "${id}" (${actor.name}) could not start: ${reason}`, { cause: error })
    run.ended = true
    run.controller?.abort()
    this.#node.failed('start', error)
    return run.failure
  }
}

function newRun(ended: boolean): Run {
  return {
    controller: undefined,
    ended,
    hook: undefined,
    hasSent: false,
    ending: undefined,
    stop: undefined,
    failure: undefined,
    release: () => {},
  }
}
