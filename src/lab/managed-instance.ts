import {
  assertNever,
  isMillraceError,
  MillraceError,
  type DeadLetter,
  type InstanceExit,
  type InstanceMetrics,
  type InstanceState,
  type LogLevel,
  type TaggedMessage,
  type TraceSpan,
} from '../shared/index.ts'
import { CrashBackOff } from './crash-back-off.ts'
import type { HostEvents, InstanceHost } from './instance-host.ts'
import type { CarriedError, FromInstance, Request } from './instance-protocol.ts'
import type { Requests } from './instance-requests.ts'
import { InstanceRun, revive } from './instance-run.ts'
import type { InstanceSpec } from './instance-spec.ts'
import type { NewLogEntry } from './log-ring.ts'
import { nodePlatform } from './node-platform.ts'
import { Taps, type TapListener, type TapTarget } from './taps.ts'
import type { BundledActors } from './own-actors/module.ts'

/** What a managed instance needs from its lab. */
export interface ManagedInstanceOptions {
  name: string
  /** Made at each start, since tokens and files may have changed. */
  /** `isRestart`: it crashed, and starts again by itself. */
  spec: (why: { isRestart: boolean }) => InstanceSpec
  makeHost: (events: HostEvents) => InstanceHost
  /** Starts again by itself after a crash, with back-off; gives up after five crashes in a minute. */
  restartAfterCrash: boolean
  log: (level: LogLevel, text: string) => void
  onLogs: (entries: NewLogEntry[], notKept: number) => void
  onSpans: (spans: TraceSpan[], notKept: number) => void
  onMetrics: (metrics: InstanceMetrics) => void
  onChange: () => void
}

const startTimeoutMs = 30_000
const stopGraceMs = 3_000
const maxDeadLetters = 1_000

/** Starts, stops and watches one instance, wherever it runs, and says why it ended. */
export class ManagedInstance {
  readonly name: string
  #state: InstanceState = 'stopped'
  #reason: string | undefined
  #address: string | undefined
  #startedAtMs: number | undefined
  #restarts = 0
  #lastExit: InstanceExit | undefined
  #metrics: InstanceMetrics | undefined
  #deadLetters: DeadLetter[] = []
  readonly #taps = new Taps()
  /** Why it ends as a whole although only a node of it failed. */
  #escalation: string | undefined
  #run: InstanceRun | undefined
  readonly #backOff = new CrashBackOff()
  #cancelRestart: (() => void) | undefined
  #stops = 0
  #restarting: Promise<void> | undefined
  readonly #options: ManagedInstanceOptions

  constructor(options: ManagedInstanceOptions) {
    this.name = options.name
    this.#options = options
  }

  get state(): InstanceState {
    return this.#state
  }

  /** Why it is not running, in words. */
  get reason(): string | undefined {
    return this.#reason
  }

  /** Where peers reach it while it runs. */
  get address(): string | undefined {
    return this.#address
  }

  get startedAtMs(): number | undefined {
    return this.#startedAtMs
  }

  /** How its last run, or its last try to start, came to its end. */
  get lastExit(): InstanceExit | undefined {
    return this.#lastExit
  }

  /** How often it has been started again after a crash. */
  get restarts(): number {
    return this.#restarts
  }

  /** The last figures it told, kept when it has ended. */
  get metrics(): InstanceMetrics | undefined {
    return this.#metrics
  }

  /** How often it was asked to stop or was killed: tells whoever waits before a start that it is no longer wanted. */
  get stops(): number {
    return this.#stops
  }

  /** Starts it and resolves when it runs. Throws what kept it from running; `INSTANCE_STATE` when it is not stopped. */
  start(): Promise<void> {
    return this.#start({ isRestart: false })
  }

  async #start(why: { isRestart: boolean }): Promise<void> {
    if (this.#run !== undefined) throw this.#wrongState('start', 'stop it first')
    this.#cancelRestart?.()
    this.#cancelRestart = undefined
    let run: InstanceRun
    try {
      run = this.#makeRun(this.#options.spec(why))
    } catch (error) {
      this.#fail(error)
      throw error
    }
    await this.#begin(run)
  }

  /** Drains it and stops it; what is left after the deadline is said in the log. Does nothing when it is stopped. */
  async stop(drainMs: number): Promise<void> {
    this.#stops++
    this.#cancelRestart?.()
    this.#cancelRestart = undefined
    const run = this.#run
    if (run === undefined) {
      if (this.#state === 'crashed') this.#change('stopped', undefined)
      return
    }
    if (this.#state === 'starting') return this.kill()
    if (this.#state === 'running') {
      this.#change('stopping', undefined)
      run.host.post({ type: 'stop', drainMs })
      run.deadline(drainMs + stopGraceMs, () => {
        this.#options.log('warn', 'did not stop in time and was ended')
        void run.host.terminate()
      })
    }
    await run.ended
  }

  /** Ends it at once; what it had under way is gone. */
  async kill(): Promise<void> {
    this.#stops++
    const run = this.#run
    if (run === undefined) return this.stop(0)
    this.#change('stopping', undefined)
    this.#options.log('warn', 'killed')
    await run.host.terminate()
    await run.ended
  }

  /** Stops it if it runs, then starts it. */
  restart(drainMs: number): Promise<void> {
    this.#restarting ??= this.#stopAndStart(drainMs).finally(() => (this.#restarting = undefined))
    return this.#restarting
  }

  /** Puts one message on an inport; resolves when the network has taken it. */
  async send(node: string, port: string, message: TaggedMessage): Promise<void> {
    await this.ask('send', { node, port, message })
  }

  /** Asks something of it while it runs. Throws `INSTANCE_STATE`, or what stands in its way. */
  async ask<Name extends keyof Requests>(
    name: Name,
    input: Requests[Name]['input'],
  ): Promise<Requests[Name]['output']> {
    const run = this.#run
    if (run === undefined || this.#state !== 'running') throw this.#wrongState('ask', 'start it first')
    return (await run.ask({ name, input } as Request)) as Requests[Name]['output']
  }

  /** Opens a tap; `listen` says what shall take what it shows, `close` ends it. It outlives restarts. */
  async tap(target: TapTarget): Promise<{
    listen: (show: TapListener['show'], missed: TapListener['missed']) => () => void
    close: () => void
  }> {
    const tap = this.#taps.add(target)
    const close = () => {
      this.#taps.delete(tap)
      // It may not run any more; then nothing is open there.
      this.ask('closeTap', { tap }).catch(() => undefined)
    }
    try {
      await this.ask('openTap', { tap, ...target })
    } catch (error) {
      this.#taps.delete(tap)
      throw error
    }
    const listen = (show: TapListener['show'], missed: TapListener['missed']) => {
      this.#taps.listen(tap, { show, missed })
      return close
    }
    return { listen, close }
  }

  /** Has a running instance take newer versions of own actors over; any other gets them at its start. */
  async reloadActors(bundle: BundledActors): Promise<void> {
    if (this.#state === 'running') await this.ask('reloadActors', { bundle })
  }

  /** The newest dead letters of its last run, kept until the next start. */
  get deadLetters(): readonly DeadLetter[] {
    return this.#deadLetters
  }

  async #stopAndStart(drainMs: number): Promise<void> {
    await this.stop(drainMs)
    await this.start()
  }

  async #begin(run: InstanceRun): Promise<void> {
    this.#run = run
    this.#metrics = undefined
    this.#deadLetters = []
    this.#change('starting', undefined)
    try {
      await run.started
    } catch (error) {
      // A kill during the start has already said what there is to say.
      if (this.#state === 'starting') this.#fail(error)
      await run.host.terminate()
      await run.ended
      throw error
    }
  }

  #makeRun(spec: InstanceSpec): InstanceRun {
    const run: InstanceRun = new InstanceRun(this.#options.makeHost, {
      message: (message) => this.#receive(run, spec, message),
      output: (stream, line) => this.#options.log(stream === 'stdout' ? 'info' : 'warn', line),
      exit: (cause) => this.#exited(run, cause),
    })
    run.deadline(startTimeoutMs, () => {
      const text = `instance "${this.name}" did not start within ${startTimeoutMs / 1_000} s`
      run.hasFailed(new MillraceError('TIMEOUT', text))
    })
    return run
  }

  #receive(run: InstanceRun, spec: InstanceSpec, message: FromInstance): void {
    switch (message.type) {
      case 'loaded':
        if (this.#state === 'starting') run.host.post({ type: 'start', spec })
        return
      case 'started':
        // It may have been stopped, or be gone, by the time it says so.
        if (run !== this.#run || this.#state !== 'starting') return
        this.#address = message.address
        this.#startedAtMs = nodePlatform.now()
        this.#options.log('info', `started, peers reach it at ${message.address}`)
        this.#change('running', undefined)
        run.hasStarted()
        for (const { tap, target } of this.#taps.entries())
          this.ask('openTap', { tap, ...target }).catch(() => this.#taps.delete(tap))
        return
      case 'failed':
        if (this.#state === 'stopping') return this.#failedToStop(run, message.error)
        if (this.#state === 'running') return this.#failedWhileRunning(run, message.error)
        run.hasFailed(revive({ ...message.error, message: `instance "${this.name}": ${message.error.message}` }))
        return
      case 'stopped':
        run.left = message.left
        void run.host.terminate()
        return
      case 'metrics':
        this.#metrics = message.metrics
        this.#options.onMetrics(message.metrics)
        return
      case 'deadLetters':
        this.#deadLetters = [...this.#deadLetters, ...message.letters]
          .filter(({ sequence }) => !message.gone.includes(sequence))
          .slice(-maxDeadLetters)
        return
      case 'tapped':
        this.#taps.receive(message.tap, message.items, message.notShown)
        return
      case 'spans':
        this.#options.onSpans(
          message.spans.map((span) => ({ ...span, instance: this.name })),
          message.notKept,
        )
        return
      case 'logs':
        this.#options.onLogs(message.entries, message.notKept)
        return
      case 'described':
        // Answers what no instance is asked.
        return
      case 'response':
        run.settle(message)
        return
      default:
        assertNever(message)
    }
  }

  #exited(run: InstanceRun, cause: string | undefined): void {
    this.#run = undefined
    this.#address = undefined
    this.#startedAtMs = undefined
    const end =
      this.#state === 'stopping' && cause === undefined
        ? this.#wrongState('go on with', 'it was stopped meanwhile')
        : new MillraceError(
            'INSTANCE_CRASHED',
            `instance "${this.name}" ended by itself: ${cause ?? 'without a reason'}`,
          )
    if (this.#state === 'stopping' && cause !== undefined) this.#crashedWhileStopping(cause)
    else if (this.#state === 'stopping') this.#stopped(run.left)
    else if (this.#state === 'running') this.#crashed(this.#escalation ?? cause ?? 'it ended without saying why')
    this.#escalation = undefined
    run.hasEnded(end)
  }

  /** A failure for which it is to end as a whole, and to start again with back-off. */
  #failedWhileRunning(run: InstanceRun, { message }: CarriedError): void {
    this.#escalation = message
    void run.host.terminate()
  }

  #failedToStop(run: InstanceRun, error: CarriedError): void {
    this.#options.log('error', `could not stop in order and was ended: ${error.message}`)
    void run.host.terminate()
  }

  #crashedWhileStopping(cause: string): void {
    this.#options.log('error', `crashed while it stopped: ${cause} [INSTANCE_CRASHED]`)
    this.#noteExit('crashed', cause)
    this.#change('crashed', cause)
  }

  #stopped(left: number | undefined): void {
    if (left !== undefined && left > 0) this.#options.log('warn', `stopped with ${left} messages still queued`)
    else if (left !== undefined) this.#options.log('info', 'stopped, nothing was left under way')
    if (left === undefined) this.#noteExit('killed', 'it was ended before it had drained')
    else this.#noteExit('stopped', left > 0 ? `${left} messages were still queued` : 'nothing was left under way')
    this.#change('stopped', left === undefined ? 'it was ended before it had drained' : undefined)
  }

  #crashed(cause: string): void {
    const delayMs = this.#options.restartAfterCrash ? this.#backOff.next() : undefined
    const next = this.#options.restartAfterCrash ? whatComesNext(delayMs) : ''
    this.#options.log('error', `crashed: ${cause}${next} [INSTANCE_CRASHED]`)
    this.#noteExit('crashed', cause)
    this.#change('crashed', `${cause}${next}`)
    if (delayMs === undefined) return
    this.#cancelRestart = nodePlatform.after(delayMs, () => {
      this.#restarts++
      // What keeps it from starting is already told by its state and in the log.
      this.#start({ isRestart: true }).catch(() => undefined)
    })
  }

  #fail(error: unknown): void {
    const text = isMillraceError(error) ? `${error.message} [${error.code}]` : String(error)
    this.#options.log('error', `could not start: ${text}`)
    this.#noteExit('failed', text)
    this.#change('failed', text)
  }

  #noteExit(how: InstanceExit['how'], reason: string): void {
    this.#lastExit = { timeMs: nodePlatform.now(), how, reason }
  }

  #change(state: InstanceState, reason: string | undefined): void {
    this.#state = state
    this.#reason = reason
    this.#options.onChange()
  }

  #wrongState(what: string, wayOut: string): MillraceError {
    return new MillraceError(
      'INSTANCE_STATE',
      `cannot ${what} instance "${this.name}": it is ${this.#state}; ${wayOut}`,
    )
  }
}

function whatComesNext(delayMs: number | undefined): string {
  if (delayMs === undefined) return '; it has crashed too often to be started again by itself'
  return `; it starts again in ${(delayMs / 1_000).toFixed(1)} s`
}
