import { assertNever, isMillraceError, type InstanceMetrics, type LogLevel } from '../shared/index.ts'
import type { DistributedNetwork } from './distributed-network.ts'
import { ActorSet } from './actor-set.ts'
import { describeModules } from './own-actors/describe.ts'
import { reportFailures } from './own-actors/report-failures.ts'
import { networkOf, runningGraph } from './instance-network.ts'
import type { CarriedError, FromInstance, Request, ToInstance } from './instance-protocol.ts'
import { answerRequest, type Answering } from './instance-answers.ts'
import { InstanceTaps } from './instance-taps.ts'
import { instanceName, type InstanceSpec } from './instance-spec.ts'
import type { NewLogEntry } from './log-ring.ts'
import { NewsOfFigures } from './news-of-figures.ts'
import { nodePlatform } from './node-platform.ts'
import { ProcessSampler } from './process-sampler.ts'
import { InstanceTraces } from './traces/instance-traces.ts'
import type { RunningGraph } from './running-graph.ts'

const metricsIntervalMs = 250
const logIntervalMs = 100
const maxLogEntriesPerInterval = 2_000

/** The inside of an instance: runs its network, wherever that is, and tells the lab about it. */
export interface InstanceRunner {
  receive(message: ToInstance): void
  /** Writes a line to the log under the instance's own name. */
  report(text: string): void
  /** Sends what waits to be sent; for the moment before a crash. */
  flush(): void
  /** Stops without draining. */
  abandon(): Promise<void>
}

/** Makes a runner that answers through `post`; it does nothing until it receives `start`. */
export function runInstance(post: (message: FromInstance) => void): InstanceRunner {
  const logs = new LogBatches(post)
  let running: Running | undefined
  let starting: Promise<void> | undefined
  let isAbandoned = false

  async function start(spec: InstanceSpec): Promise<void> {
    const name = instanceName(spec)
    logs.instance = name
    try {
      const actors = new ActorSet({ allowExec: spec.allowExec, log: (text) => logs.add('error', text, undefined) })
      if (spec.ownActors !== undefined) await actors.load(spec.ownActors)
      const network = networkOf(spec, actors, ({ level, node, text }) => logs.add(level, text, node))
      reportFailures(
        network.local,
        (error) => actors.own.placeOf(error),
        (node, text) => logs.add('error', text, node),
      )
      await network.start()
      if (isAbandoned) {
        await network.shutdown({ drainMs: 0 })
        return
      }
      running = new Running(
        name,
        network,
        actors,
        post,
        runningGraph(spec, network, actors, (text) => logs.add('warn', text, undefined)),
      )
      for (const { endpoint, ...options } of spec.peers) network.dial(endpoint, options)
      post({ type: 'started', address: network.address ?? '' })
    } catch (error) {
      logs.flush()
      post({ type: 'failed', error: carried(error) })
    }
  }

  async function stop(drainMs: number): Promise<void> {
    const left = (await running?.stop(drainMs)) ?? 0
    running = undefined
    logs.flush()
    post({ type: 'stopped', left })
  }

  return {
    receive(message) {
      switch (message.type) {
        case 'start':
          starting = start(message.spec)
          return
        case 'stop':
          void stop(message.drainMs).catch((error: unknown) => post({ type: 'failed', error: carried(error) }))
          return
        case 'describe':
          void describeModules(message.bundle).then(
            (modules) => post({ type: 'described', modules }),
            (error: unknown) => post({ type: 'failed', error: carried(error) }),
          )
          return
        case 'request':
          void answer(message.request).then(
            (output) => post({ type: 'response', id: message.id, output }),
            (error: unknown) => post({ type: 'response', id: message.id, error: carried(error) }),
          )
          return
        default:
          assertNever(message)
      }
    },
    report: (text) => logs.add('error', text, undefined),
    flush: () => logs.flush(),
    async abandon() {
      isAbandoned = true
      await starting
      await running?.stop(0)
      running = undefined
      logs.flush()
    },
  }

  async function answer(request: Request): Promise<unknown> {
    if (running === undefined) throw new Error('the instance is not running')
    return await answerRequest(running, request)
  }
}

/** A network that runs, with the sampling of its figures. */
class Running implements Answering {
  readonly network: DistributedNetwork
  readonly taps: InstanceTaps
  readonly traces: InstanceTraces
  readonly graph: RunningGraph
  readonly actors: ActorSet
  readonly #name: string
  readonly #post: (message: FromInstance) => void
  readonly #sampler = new ProcessSampler()
  readonly #news = new NewsOfFigures()
  #cancelNext: () => void
  #deadLettersTold = 0
  #deadLettersGone: number[] = []

  constructor(
    name: string,
    network: DistributedNetwork,
    actors: ActorSet,
    post: (message: FromInstance) => void,
    graph: RunningGraph,
  ) {
    this.network = network
    this.actors = actors
    this.graph = graph
    this.#name = name
    this.#post = post
    this.taps = new InstanceTaps(name, network.local, post)
    this.traces = new InstanceTraces(network, post)
    network.local.subscribe((event) => {
      if (event.type === 'deadLetterGone') this.#tellGone(event.sequence)
      if (event.type === 'escalated')
        post({ type: 'failed', error: { code: 'BEHAVIOUR_FAILED', message: `node "${event.node}": ${event.reason}` } })
    })
    this.#cancelNext = nodePlatform.after(metricsIntervalMs, () => this.#sampleAndGoOn())
  }

  async stop(drainMs: number): Promise<number> {
    this.taps.stop()
    const { left } = await this.network.shutdown({ drainMs })
    this.traces.stop()
    this.#cancelNext()
    this.#post({ type: 'metrics', metrics: this.#sample() })
    this.#sampler.stop()
    return left
  }

  #sampleAndGoOn(): void {
    const metrics = this.#sample()
    if (this.#news.take(metrics)) this.#post({ type: 'metrics', metrics })
    this.#cancelNext = nodePlatform.after(metricsIntervalMs, () => this.#sampleAndGoOn())
  }

  /** Told as they come, so that the lab has them whatever becomes of this thread. */
  #tellDeadLetters(total: number): void {
    const gone = this.#deadLettersGone
    if (total === this.#deadLettersTold && gone.length === 0) return
    const letters = this.network.local.deadLetters().filter(({ sequence }) => sequence > this.#deadLettersTold)
    this.#deadLettersTold = total
    this.#deadLettersGone = []
    this.#post({ type: 'deadLetters', letters, gone })
  }

  /** At once: whoever retried or dropped it looks at the list next. */
  #tellGone(sequence: number): void {
    this.#deadLettersGone.push(sequence)
    this.#tellDeadLetters(this.network.local.snapshot().deadLetters)
  }

  #sample(): InstanceMetrics {
    const { nodes, wires, deadLetters } = this.network.local.snapshot()
    this.#tellDeadLetters(deadLetters)
    return {
      instance: this.#name,
      timeMs: nodePlatform.now(),
      nodes,
      wires,
      links: this.network.links(),
      deadLetters,
      ...this.actors.figures(),
      process: this.#sampler.sample(),
    }
  }
}

/** Gathers log lines for a tenth of a second, so that a chatty actor costs one message rather than thousands. */
class LogBatches {
  instance = ''
  readonly #post: (message: FromInstance) => void
  #entries: NewLogEntry[] = []
  #notKept = 0
  #cancelFlush: (() => void) | undefined

  constructor(post: (message: FromInstance) => void) {
    this.#post = post
  }

  add(level: LogLevel, text: string, node: string | undefined): void {
    this.#cancelFlush ??= nodePlatform.after(logIntervalMs, () => this.flush())
    if (this.#entries.length >= maxLogEntriesPerInterval) {
      this.#notKept++
      return
    }
    this.#entries.push({
      timeMs: nodePlatform.now(),
      level,
      instance: this.instance,
      ...(node !== undefined && { node }),
      text,
    })
  }

  flush(): void {
    this.#cancelFlush?.()
    this.#cancelFlush = undefined
    if (this.#entries.length === 0) return
    this.#post({ type: 'logs', entries: this.#entries, notKept: this.#notKept })
    this.#entries = []
    this.#notKept = 0
  }
}

function carried(error: unknown): CarriedError {
  if (isMillraceError(error)) return { code: error.code, message: error.message }
  return { code: undefined, message: error instanceof Error ? error.message : String(error) }
}
