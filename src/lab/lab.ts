import { existsSync, realpathSync } from 'node:fs'
import path from 'node:path'
import { builtInActors } from '../actors/index.ts'
import { beginningOf, placeOf, type Environment, type LoadSample } from '../graph/index.ts'
import {
  describeError,
  MillraceError,
  type ActorDescription,
  type DeadLetter,
  type GraphEvent,
  type InstanceDescription,
  type InstanceMetrics,
  type LabDescription,
  type LogEntry,
  type LogLevel,
} from '../shared/index.ts'
import { describeActors } from './actor-catalogue.ts'
import { describeInstance } from './describe-instance.ts'
import { defaultDrainMs } from './distributed-network.ts'
import type { HostEvents, InstanceHost, SpawnProcess } from './instance-host.ts'
import { hostInline } from './instance-host/inline.ts'
import { forkProcess, hostInProcess } from './instance-host/process.ts'
import { hostInThread } from './instance-host/thread.ts'
import { checkFile } from './file-check.ts'
import { Home, type HomeDoor } from './home.ts'
import { defaultStatesFolder, statesFolderOf } from './kept-states/states-folder.ts'
import { LabGraphs } from './lab-graphs.ts'
import { LabLinks } from './lab-links.ts'
import type { Requests } from './instance-requests.ts'
import { LabSource, type SourceInstance } from './lab-source.ts'
import { LogMerge } from './log-merge.ts'
import { LogRing } from './log-ring.ts'
import { ManagedInstance } from './managed-instance.ts'
import { MetricsHistory } from './metrics-history.ts'
import { nodePlatform } from './node-platform.ts'
import { OwnActors } from './own-actors/own-actors.ts'
import { LabTraces } from './traces/lab-traces.ts'
import { summarise, type Summary } from './summary.ts'
import type { TapTarget } from './taps.ts'
import { isWithin, TrustStore } from './trust.ts'
import { version } from './version.ts'

/** How a lab is opened. */
export interface LabOptions {
  /** A `*.lab.json` or a lone `*.graph.json`. */
  file: string
  /** Who opens it; windows are told. */
  door: LabDescription['door']
  /** The built `instance-worker.js`; doors know where it lies, bundlers move everything else. */
  workerFile: string
  /** Moves every port of the lab, each keeping its distance from 9000. */
  portBase?: number | undefined
  /** `granted`: whoever opens it has asked for it to run. `ask`: a folder not yet trusted starts nothing until `trust()`. */
  consent: 'granted' | 'ask'
  /** Starts an instance again after a crash, with back-off. Default true. */
  restartAfterCrash?: boolean
  /** How `isolation: 'process'` starts a process; Node's fork by default. */
  spawnProcess?: SpawnProcess
  env?: Environment
  /** Whether nodes may run programs. Default no; no file can say so. */
  allowExec?: boolean
  /** Where trusted folders and recent labs are remembered, and states that have no folder of their own; the user's folders by default. */
  stateDir?: string
  /** Where the states of nodes with `persist` are kept; by default in the user's data folder, apart for each lab and port base. */
  statesFolder?: string | undefined
  /** How other labs are opened from this one's window; absent where they cannot be. */
  home?: HomeDoor
}

/** What happens in a lab. */
export type LabEvent =
  | { type: 'log'; entry: LogEntry }
  | { type: 'instance'; description: InstanceDescription }
  | { type: 'instanceRemoved'; instance: string }
  | { type: 'metrics'; metrics: InstanceMetrics }
  | { type: 'trusted' }
  /** Something that a person should notice who may be looking elsewhere. */
  | { type: 'alert'; title: string; text: string }
  | { type: 'graph'; event: GraphEvent }
  /** Own actors were loaded, or failed to: the catalogue may have changed. */
  | { type: 'actorsChanged' }

type Listener = (event: LabEvent) => void

/** Opens a lab or a lone graph. Nothing runs until `start`. Throws what is wrong with the files, with line and column. */
export function openLab(options: LabOptions): Lab {
  return new Lab(options)
}

/** A set of instances that are started, stopped and watched together. Doors and tests talk to this; windows to its contract. */
export class Lab {
  readonly #builtIn: readonly ActorDescription[] = describeActors(builtInActors)
  readonly #ownActors: OwnActors | undefined
  readonly logs = new LogRing()
  readonly history = new MetricsHistory()
  readonly links: LabLinks
  readonly graphs: LabGraphs
  readonly traces: LabTraces
  readonly home: Home
  readonly #merge = new LogMerge((entry) => this.#tell({ type: 'log', entry: this.logs.add(entry) }))
  readonly #options: LabOptions
  readonly #source: LabSource
  readonly #instances: Map<string, { source: SourceInstance; managed: ManagedInstance }>
  readonly #copies = new Set<string>()
  readonly #trustStore: TrustStore
  readonly #listeners = new Set<Listener>()
  /** What a check finds wrong; tokens with a fallback are fine in an example. */
  #warnings: readonly string[] = []
  #isTrusted: boolean
  #closing: Promise<void> | undefined

  constructor(options: LabOptions) {
    this.#options = options
    this.links = new LabLinks((instance) => this.#find(instance), options.env ?? process.env)
    this.#source = new LabSource(options.file, {
      catalogue: this.#builtIn,
      portBase: options.portBase,
      env: options.env ?? process.env,
      report: (error) => this.log('error', `a follower of a graph failed: ${describeError(error)}`),
    })
    this.#trustStore = new TrustStore(options.stateDir)
    this.home = new Home(options.home ?? nowhere, {
      examples: examplesBeside(options.workerFile),
      ...(options.stateDir !== undefined && { stateDir: options.stateDir }),
    })
    this.#isTrusted =
      options.consent === 'granted' ||
      this.#source.folders.every((folder) => this.#isShipped(folder) || this.#trustStore.isTrusted(folder))
    this.#instances = new Map(
      this.#source.instances.map((source) => [source.name, { source, managed: this.#manage(source) }]),
    )
    this.traces = new LabTraces({
      names: () => [...this.#instances.keys()],
      stateOf: (instance) => this.#find(instance).state,
      follow: async (instance, following) => void (await this.ask(instance, 'followMessages', { following })),
    })
    this.graphs = this.#openGraphs()
    if (options.door !== 'none') this.graphs.watch()
    this.#ownActors = this.#openOwnActors()
    this.#check()
    if (this.#isTrusted) void this.#ownActors?.load()
  }

  /** Every actor that graphs may name: those built in, and the lab's own once they are loaded. */
  get catalogue(): ActorDescription[] {
    return [...this.#builtIn, ...(this.#ownActors?.actors ?? [])]
  }

  /** The whole lab as windows show it. */
  describe(): LabDescription {
    return {
      name: this.#source.name,
      file: path.basename(this.#source.file),
      version,
      door: this.#options.door,
      trust: {
        folder: this.#source.folder,
        trusted: this.#isTrusted,
        abilities: this.#source.abilities(),
        environment: this.#source.environment(),
      },
      instances: [...this.#instances.values()].map(({ source, managed }) => this.#describeInstance(source, managed)),
      ...(this.#ownActors !== undefined && { ownActors: this.#ownActors.describe() }),
      warnings: [...this.#warnings],
    }
  }

  /** The last figures of every instance that has told any. */
  metrics(): InstanceMetrics[] {
    return [...this.#instances.values()].flatMap(({ managed }) => managed.metrics ?? [])
  }

  /** Two looks at a running instance, the first of one to two seconds ago, or at its start; `undefined` when it does not run. */
  looksAt(instance: string): { before: LoadSample; now: InstanceMetrics } | undefined {
    const { state, metrics: now } = this.#find(instance)
    if (state !== 'running' || now === undefined) return undefined
    return { before: this.history.before(instance) ?? beginningOf(now, now.process.uptimeMs), now }
  }

  /** Counts since each instance's last start: what `millrace run` prints last. */
  summary(): Summary {
    return summarise(
      [...this.#instances.values()].map(({ source: { entry }, managed }) => ({
        networkId: entry.networkId,
        instanceId: entry.instanceId,
        state: managed.state,
        reason: managed.reason,
        metrics: managed.metrics,
      })),
    )
  }

  /** Starts an instance. Throws `INSTANCE_UNKNOWN`, `NOT_TRUSTED`, or what kept it from running. */
  async start(instance: string): Promise<void> {
    const managed = this.#find(instance)
    this.#refuseToStart()
    await this.#onceLoaded([managed], (wanted) => wanted.start())
  }

  /** Starts every instance that is not running, in the order of the file. Throws the first failure once all have been tried. */
  async startAll(): Promise<void> {
    this.#refuseToStart()
    const all = Array.from(this.#instances.values(), ({ managed }) => managed)
    await this.#onceLoaded(all, async (wanted) => {
      if (['stopped', 'failed', 'crashed'].includes(wanted.state)) await wanted.start()
    })
  }

  /** Drains an instance and stops it. */
  async stop(instance: string, { drainMs = defaultDrainMs }: { drainMs?: number } = {}): Promise<void> {
    await this.#find(instance).stop(drainMs)
    // Whoever waited for the stop finds its last lines in the log.
    this.#merge.flush()
  }

  /** Stops all, one after the other in the order of the file, so that what the first have under way drains into the next. */
  async stopAll({ drainMs = defaultDrainMs }: { drainMs?: number } = {}): Promise<void> {
    for (const { managed } of this.#instances.values()) await managed.stop(drainMs)
    this.#merge.flush()
  }

  /** Ends an instance at once. */
  async kill(instance: string): Promise<void> {
    await this.#find(instance).kill()
  }

  /** Stops an instance and starts it again. */
  async restart(instance: string): Promise<void> {
    const managed = this.#find(instance)
    this.#refuseToStart()
    await this.#onceLoaded([managed], (wanted) => wanted.restart(defaultDrainMs))
  }

  /** Adds a copy of an instance, which is not started and not in the lab file, and answers its name. Throws `INSTANCE_UNKNOWN`. */
  duplicate(instance: string): string {
    this.#find(instance)
    const original = this.#instances.get(instance)
    if (original === undefined) return instance
    const source = this.#source.copyOf(original.source, new Set(this.#instances.keys()))
    this.graphs.join(source.entry.graph, source.name)
    const managed = this.#manage(source)
    this.#instances.set(source.name, { source, managed })
    this.#copies.add(source.name)
    this.#tell({ type: 'instance', description: this.#describeInstance(source, managed) })
    return source.name
  }

  /** Stops a copy and takes it away. Throws `INSTANCE_UNKNOWN`, and `INSTANCE_STATE` for one of the lab file. */
  async remove(instance: string): Promise<void> {
    const managed = this.#find(instance)
    if (!this.#copies.has(instance))
      throw new MillraceError('INSTANCE_STATE', `"${instance}" stands in the lab file; take it out there`)
    await managed.stop(defaultDrainMs)
    const { entry } = this.#instances.get(instance)?.source ?? {}
    if (entry) this.graphs.leave(entry.graph, instance)
    this.#instances.delete(instance)
    this.#copies.delete(instance)
    this.#tell({ type: 'instanceRemoved', instance })
  }

  /** Puts a message, as tagged JSON, on an inport of a running instance. */
  async send(
    instance: string,
    node: string,
    port: string,
    message: Parameters<ManagedInstance['send']>[2],
  ): Promise<void> {
    await this.#find(instance).send(node, port, message)
  }

  /** Asks something of a running instance. Throws `INSTANCE_UNKNOWN`, `INSTANCE_STATE`, or what stands in its way. */
  async ask<Name extends keyof Requests>(
    instance: string,
    name: Name,
    input: Requests[Name]['input'],
  ): Promise<Requests[Name]['output']> {
    return await this.#find(instance).ask(name, input)
  }

  /** Opens a tap on a wire of a running instance. Throws `INSTANCE_UNKNOWN`, `INSTANCE_STATE`, `WIRE_UNKNOWN`. */
  async tap(instance: string, target: TapTarget): ReturnType<ManagedInstance['tap']> {
    return await this.#find(instance).tap(target)
  }

  /** The dead letters of one instance, or of all: those of their last runs. */
  deadLetters(instance?: string): { instance: string; letter: DeadLetter }[] {
    const asked = instance === undefined ? [...this.#instances.keys()] : [instance]
    return asked.flatMap((name) => this.#find(name).deadLetters.map((letter) => ({ instance: name, letter })))
  }

  /** Trusts the lab's folder for good, so that it may be started. */
  trust(): void {
    this.#trustStore.trust(this.#source.folders)
    this.#isTrusted = true
    this.#tell({ type: 'trusted' })
    void this.#ownActors?.load()
  }

  /** Notes an alert in the log, and tells the door of it. */
  alert({ title, text }: { title: string; text: string }): void {
    this.log('warn', `${title}. ${text}`, 'alerts')
    this.#tell({ type: 'alert', title, text })
  }

  /** Tells everything that happens from now on; returns its undo. */
  subscribe(listener: Listener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Writes a line to the lab's log under its own name. */
  log(level: LogLevel, text: string, instance = 'lab'): void {
    this.#merge.add({ timeMs: nodePlatform.now(), level, instance, text })
  }

  /** Stops everything and frees every port. Safe to call twice. */
  close(options: { drainMs?: number } = {}): Promise<void> {
    this.#closing ??= this.#stopAndForget(options)
    return this.#closing
  }

  /** Ends everything at once. */
  async abandon(): Promise<void> {
    await Promise.all([this.graphs.stop(), ...[...this.#instances.values()].map(({ managed }) => managed.kill())])
    await this.#ownActors?.stop()
    this.#merge.flush()
  }

  async #stopAndForget(options: { drainMs?: number }): Promise<void> {
    try {
      await Promise.all([this.stopAll(options), this.graphs.stop()])
    } finally {
      await this.#ownActors?.stop()
      this.#merge.flush()
    }
  }

  #openOwnActors(): OwnActors | undefined {
    const folder = this.#source.actorsFolder
    if (folder === undefined) return undefined
    return new OwnActors({
      folder,
      workerFile: this.#options.workerFile,
      builtIn: new Set(this.#builtIn.map(({ name }) => name)),
      log: (level, text) => this.log(level, text, 'actors'),
      onChange: () => this.#actorsChanged(),
    })
  }

  #actorsChanged(): void {
    const bundle = this.#ownActors?.bundle
    this.#source.knowActors(this.catalogue)
    this.#check()
    this.#tell({ type: 'actorsChanged' })
    if (bundle === undefined) return
    for (const { managed } of this.#instances.values())
      managed.reloadActors(bundle).catch((error: unknown) => {
        this.log('error', `could not take the changed actors over: ${describeError(error)}`, managed.name)
      })
  }

  /** Looks for what is wrong with the files, as `millrace check` does. */
  #check(): void {
    const own = this.#ownActors?.knowledge()
    this.#warnings = checkFile(this.#options.file, this.#options.env ?? process.env, own)
      .filter(({ code, severity }) => severity !== 'note' && code !== 'TOKEN_FALLBACK')
      .map((finding) => `${placeOf(finding, path.basename(finding.file))}: ${finding.message}`)
  }

  #manage(source: SourceInstance): ManagedInstance {
    const { name } = source
    const managed: ManagedInstance = new ManagedInstance({
      name,
      spec: ({ isRestart }) => {
        const { graph: plan, file: graphFile } = this.graphs.planFor(name, source.entry.graph, { isRestart })
        const spec = this.#source.specOf(
          { ...source, graph: this.#source.runnableGraph(plan, graphFile) },
          { allowExec: this.#options.allowExec ?? false, ownActors: this.#ownActors?.bundle },
        )
        const { statesFolder, stateDir, portBase } = this.#options
        const states = statesFolder ?? defaultStatesFolder(this.#source.file, portBase, stateDir)
        spec.statesFolder = statesFolderOf(states, name)
        return { ...spec, peers: this.links.peersOf(name, spec.peers) }
      },
      makeHost: (events) => this.#makeHost(source, events),
      restartAfterCrash: this.#options.restartAfterCrash ?? true,
      log: (level, text) => this.log(level, text, name),
      onLogs: (entries, notKept) => {
        for (const entry of entries) this.#merge.add(entry)
        if (notKept > 0) this.log('warn', `${notKept} log lines came faster than they can be kept`, name)
      },
      onSpans: (spans, notKept) => this.traces.store.add(spans, notKept),
      onMetrics: (metrics) => {
        this.history.add(metrics)
        this.#tell({ type: 'metrics', metrics })
      },
      onChange: () => {
        if (managed.state === 'starting') this.history.restart(name)
        // It may be gone again by the time it is told.
        if (managed.state === 'running') this.traces.tell(name).catch(() => undefined)
        this.#tell({ type: 'instance', description: this.#describeInstance(source, managed) })
      },
    })
    return managed
  }

  #makeHost({ name, entry }: SourceInstance, events: HostEvents): InstanceHost {
    const { workerFile, spawnProcess = forkProcess } = this.#options
    switch (entry.isolation ?? 'thread') {
      case 'inline':
        return hostInline(events)
      case 'process':
        return hostInProcess(workerFile, name, spawnProcess, events)
      default:
        return hostInThread(workerFile, name, events)
    }
  }

  #openGraphs(): LabGraphs {
    const files = [...this.#source.graphFiles.values()].map((file) => ({
      file,
      instances: this.#source.instances.filter(({ entry }) => entry.graph === file.name).map(({ name }) => name),
    }))
    return new LabGraphs({
      files,
      isRunning: (instance) => this.#find(instance).state === 'running',
      apply: async (instance, graph, file) => {
        const runnable = this.#source.runnableGraph(graph, file)
        const env = this.#source.environmentOf(runnable)
        await this.#find(instance).ask('applyGraph', { graph: runnable, env })
      },
      tell: (event) => this.#tell({ type: 'graph', event }),
      log: (level, text) => this.log(level, text),
    })
  }

  #describeInstance(source: SourceInstance, managed: ManagedInstance): InstanceDescription {
    const running = this.graphs.runningGraph(source.name, source.entry.graph)
    const graph = running === undefined ? source.graph : this.#source.shownGraph(running.graph, running.file)
    return describeInstance({
      source,
      managed,
      graph,
      catalogue: this.catalogue,
      isCopy: this.#copies.has(source.name),
    })
  }

  #tell(event: LabEvent): void {
    for (const listener of this.#listeners) {
      try {
        listener(event)
      } catch (error) {
        // Through the ring alone: telling it again could throw again.
        this.logs.add({
          timeMs: nodePlatform.now(),
          level: 'error',
          instance: 'lab',
          text: `a listener threw: ${String(error)}`,
        })
      }
    }
  }

  #find(instance: string): ManagedInstance {
    const found = this.#instances.get(instance)
    if (found !== undefined) return found.managed
    const known = [...this.#instances.keys()].join(', ') || 'none'
    throw new MillraceError('INSTANCE_UNKNOWN', `the lab has no instance "${instance}"; it has ${known}`)
  }

  /** Loads the lab's own actors, then acts on the instances that nobody has stopped meanwhile. Throws the first failure once all have been tried. */
  async #onceLoaded(instances: ManagedInstance[], act: (wanted: ManagedInstance) => Promise<void>): Promise<void> {
    const before = instances.map(({ stops }) => stops)
    await this.#ownActors?.load()
    // Nothing may come between the look and the act: a stop in between would find nothing to stop yet.
    const wanted = instances.filter(({ stops }, index) => stops === before[index])
    const results = await Promise.allSettled(wanted.map(act))
    const failed = results.find((result) => result.status === 'rejected')
    if (failed) throw failed.reason
  }

  #refuseToStart(): void {
    if (this.#closing !== undefined) throw new MillraceError('INSTANCE_STATE', 'the lab is being closed; open it again')
    if (this.#isTrusted) return
    throw new MillraceError(
      'NOT_TRUSTED',
      `the folder ${this.#source.folder} has not been trusted yet; look at what its lab may do, then trust it`,
    )
  }

  #isShipped(folder: string): boolean {
    const examples = examplesBeside(this.#options.workerFile)
    return existsSync(examples) && isWithin(folder, realpathSync(examples))
  }
}

/** A window that cannot open other labs. */
const nowhere: HomeDoor = {
  folder: path.resolve('.'),
  open: () => Promise.reject(new MillraceError('FORBIDDEN', 'this window cannot open another lab')),
}

/** The examples that came with Millrace lie beside the built worker. */
function examplesBeside(workerFile: string): string {
  return path.resolve(path.dirname(workerFile), '../../resources/examples')
}
