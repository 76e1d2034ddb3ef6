import {
  MillraceError,
  type ActorDescription,
  type InstanceDescription,
  type InstanceMetrics,
  type Isolation,
  type LogLevel,
  type TraceSpan,
} from '../shared/index.ts'
import { describeInstance } from './describe-instance.ts'
import type { HostEvents, InstanceHost, SpawnProcess } from './instance-host.ts'
import { hostInline } from './instance-host/inline.ts'
import { forkProcess, hostInProcess } from './instance-host/process.ts'
import { hostInThread } from './instance-host/thread.ts'
import type { InstanceSpec } from './instance-spec.ts'
import type { LabGraphs } from './lab-graphs.ts'
import type { LabSource, SourceInstance } from './lab-source.ts'
import type { NewLogEntry } from './log-ring.ts'
import { ManagedInstance } from './managed-instance.ts'

/** What the instances of a lab need of it. */
export interface LabInstancesUse {
  source: LabSource
  /** Absent while the lab is being put together. */
  graphs: () => LabGraphs
  catalogue: () => readonly ActorDescription[]
  workerFile: string
  /** How `isolation: 'process'` starts a process; Node's fork by default. */
  spawnProcess?: SpawnProcess | undefined
  restartAfterCrash: boolean
  /** What one runs, made at each start. */
  specOf: (source: SourceInstance, why: { isRestart: boolean }) => InstanceSpec
  /** Resolves once the lab's own actors have been loaded, or have failed to. */
  loaded: () => Promise<void> | undefined
  log: (level: LogLevel, text: string, instance: string) => void
  /** What an instance tells while it runs. */
  onLogs: (entries: readonly NewLogEntry[]) => void
  onSpans: (spans: TraceSpan[], notKept: number) => void
  onMetrics: (metrics: InstanceMetrics) => void
  onChange: (managed: ManagedInstance, description: InstanceDescription) => void
}

interface Entry {
  readonly source: SourceInstance
  readonly managed: ManagedInstance
}

/** The instances of a lab by their names: those of its file, and copies that were made of them while it is open. */
export class LabInstances {
  readonly #use: LabInstancesUse
  readonly #entries = new Map<string, Entry>()
  readonly #copies = new Set<string>()
  /** Where an instance was asked to run, if not where its file says. */
  readonly #asked = new Map<string, Isolation>()
  /** Where the last run of an instance was begun. */
  readonly #lastRunIn = new Map<string, Isolation>()

  constructor(use: LabInstancesUse) {
    this.#use = use
    for (const source of use.source.instances) this.#entries.set(source.name, { source, managed: this.#manage(source) })
  }

  get names(): string[] {
    return [...this.#entries.keys()]
  }

  get all(): ManagedInstance[] {
    return Array.from(this.#entries.values(), ({ managed }) => managed)
  }

  get entries(): readonly Entry[] {
    return [...this.#entries.values()]
  }

  /** Throws `INSTANCE_UNKNOWN`. */
  find(instance: string): ManagedInstance {
    return this.#entryOf(instance).managed
  }

  /** Every instance as windows show it. */
  describe(): InstanceDescription[] {
    return this.entries.map((entry) => this.#describe(entry))
  }

  /** The nodes that peers of an instance may name. Throws `INSTANCE_UNKNOWN`. */
  exportsOf(instance: string): readonly string[] {
    return this.#entryOf(instance).source.entry.exports ?? []
  }

  /** Adds a copy of an instance, which is not started and not in the lab file. Throws `INSTANCE_UNKNOWN`. */
  duplicate(instance: string): { name: string; description: InstanceDescription } {
    const source = this.#use.source.copyOf(this.#entryOf(instance).source, new Set(this.names))
    const asked = this.#asked.get(instance)
    if (asked !== undefined) this.#asked.set(source.name, asked)
    this.#use.graphs().join(source.entry.graph, source.name)
    const entry = { source, managed: this.#manage(source) }
    this.#entries.set(source.name, entry)
    this.#copies.add(source.name)
    return { name: source.name, description: this.#describe(entry) }
  }

  /** Says where an instance runs from its next start on. Throws `INSTANCE_UNKNOWN`. */
  isolate(instance: string, isolation: Isolation): InstanceDescription {
    const entry = this.#entryOf(instance)
    this.#asked.set(instance, isolation)
    return this.#describe(entry)
  }

  /** Stops a copy and takes it away. Throws `INSTANCE_UNKNOWN`, and `INSTANCE_STATE` for one of the lab file. */
  async remove(instance: string, drainMs: number): Promise<void> {
    const { managed, source } = this.#entryOf(instance)
    if (!this.#copies.has(instance))
      throw new MillraceError('INSTANCE_STATE', `"${instance}" stands in the lab file; take it out there`)
    await managed.stop(drainMs)
    this.#use.graphs().leave(source.entry.graph, instance)
    this.#entries.delete(instance)
    this.#copies.delete(instance)
    this.#asked.delete(instance)
    this.#lastRunIn.delete(instance)
  }

  /** Loads the lab's own actors, then acts on the instances that nobody has stopped meanwhile. Throws the first failure once all have been tried. */
  async onceLoaded(
    instances: readonly ManagedInstance[],
    act: (wanted: ManagedInstance) => Promise<void>,
  ): Promise<void> {
    const before = instances.map(({ stops }) => stops)
    await this.#use.loaded()
    // Nothing may come between the look and the act: a stop in between would find nothing to stop yet.
    const wanted = instances.filter(({ stops }, index) => stops === before[index])
    const results = await Promise.allSettled(wanted.map(act))
    const failed = results.find((result) => result.status === 'rejected')
    if (failed) throw failed.reason
  }

  #entryOf(instance: string): Entry {
    const found = this.#entries.get(instance)
    if (found !== undefined) return found
    const known = this.names.join(', ') || 'none'
    throw new MillraceError('INSTANCE_UNKNOWN', `the lab has no instance "${instance}"; it has ${known}`)
  }

  #manage(source: SourceInstance): ManagedInstance {
    const use = this.#use
    const { name } = source
    const managed: ManagedInstance = new ManagedInstance({
      name,
      spec: (why) => use.specOf(source, why),
      makeHost: (events) => this.#makeHost(source, events),
      restartAfterCrash: use.restartAfterCrash,
      log: (level, text) => use.log(level, text, name),
      onLogs: (entries, notKept) => {
        use.onLogs(entries)
        if (notKept > 0) use.log('warn', `${notKept} log lines came faster than they can be kept`, name)
      },
      onSpans: (spans, notKept) => use.onSpans(spans, notKept),
      onMetrics: (metrics) => use.onMetrics(metrics),
      onChange: () => use.onChange(managed, this.#describe({ source, managed })),
    })
    return managed
  }

  #isolationOf({ name, entry }: SourceInstance): Isolation {
    return this.#asked.get(name) ?? entry.isolation ?? 'thread'
  }

  #makeHost(source: SourceInstance, events: HostEvents): InstanceHost {
    const { workerFile, spawnProcess = forkProcess } = this.#use
    const { name } = source
    const isolation = this.#isolationOf(source)
    this.#lastRunIn.set(name, isolation)
    switch (isolation) {
      case 'inline':
        return hostInline(events)
      case 'process':
        return hostInProcess(workerFile, name, spawnProcess, events)
      default:
        return hostInThread(workerFile, name, events)
    }
  }

  #describe({ source, managed }: Entry): InstanceDescription {
    const running = this.#use.graphs().runningGraph(source.name)
    const graph = running === undefined ? source.graph : this.#use.source.shownGraph(running.open, running.composition)
    const next = this.#isolationOf(source)
    const isRunning = ['starting', 'running', 'stopping'].includes(managed.state)
    return describeInstance({
      source,
      managed,
      isolation: { now: (isRunning ? this.#lastRunIn.get(source.name) : undefined) ?? next, next },
      graph,
      catalogue: this.#use.catalogue(),
      isCopy: this.#copies.has(source.name),
    })
  }
}
