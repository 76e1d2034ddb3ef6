import envPaths from 'env-paths'
import path from 'node:path'
import { builtInActors } from '../actors/index.ts'
import { beginningOf, placeOf, type LoadSample } from '../graph/index.ts'
import {
  describeError,
  MillraceError,
  type ActorDescription,
  type DeadLetter,
  type InstanceMetrics,
  type Isolation,
  type LabDescription,
  type LogLevel,
} from '../shared/index.ts'
import { describeActors } from './actor-catalogue.ts'
import { defaultDrainMs } from './distributed-network.ts'
import { checkFile } from './file-check.ts'
import { Home, noDoor } from './home.ts'
import { defaultStatesFolder, statesFolderOf } from './kept-states/states-folder.ts'
import type { InstanceSpec } from './instance-spec.ts'
import { LabGraphs } from './lab-graphs.ts'
import { LabInstances } from './lab-instances.ts'
import { LabLinks } from './lab-links.ts'
import { serveControl } from './lab-control.ts'
import { lockOf, type LabLock } from './lab-lock.ts'
import type { Requests } from './instance-requests.ts'
import { LabSource, type SourceInstance } from './lab-source.ts'
import type { LabEvent, LabOptions } from './lab-options.ts'
import { LogMerge } from './log-merge.ts'
import { LogRing } from './log-ring.ts'
import type { ManagedInstance } from './managed-instance.ts'
import { MetricsHistory } from './metrics-history.ts'
import { nodePlatform } from './node-platform.ts'
import { OwnActors } from './own-actors/own-actors.ts'
import { LabTraces } from './traces/lab-traces.ts'
import { examplesBeside, isShipped } from './samples.ts'
import { summarise, type Summary } from './summary.ts'
import type { TapTarget } from './taps.ts'
import { TrustStore } from './trust.ts'
import { version } from './version.ts'

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
  readonly #instances: LabInstances
  readonly #trustStore: TrustStore
  readonly #listeners = new Set<Listener>()
  /** What a check finds wrong; tokens with a fallback are fine in an example. */
  #warnings: readonly string[] = []
  #isTrusted: boolean
  /** Absent where two may run side by side: nothing of it is at a port of its own, and no state is kept. */
  readonly #lock: LabLock | undefined
  #closing: Promise<void> | undefined

  constructor(options: LabOptions) {
    this.#options = options
    this.links = new LabLinks((instance) => this.#instances.find(instance), options.env ?? process.env)
    this.#source = new LabSource(options.file, {
      catalogue: this.#builtIn,
      portBase: options.portBase,
      env: options.env ?? process.env,
      report: (error) => this.log('error', `a follower of a graph failed: ${describeError(error)}`),
    })
    this.#trustStore = new TrustStore(options.stateDir)
    this.home = new Home(options.home ?? noDoor, {
      examples: examplesBeside(options.workerFile),
      ...(options.stateDir !== undefined && { stateDir: options.stateDir }),
    })
    this.#isTrusted =
      options.consent === 'granted' ||
      this.#source.folders.every(
        (folder) => isShipped(folder, options.workerFile) || this.#trustStore.isTrusted(folder),
      )
    this.#instances = this.#openInstances()
    this.traces = new LabTraces({
      names: () => this.#instances.names,
      stateOf: (instance) => this.#instances.find(instance).state,
      follow: async (instance, following) => void (await this.ask(instance, 'followMessages', { following })),
      followNext: (instance, place, withinMs) => this.ask(instance, 'followNext', { place, withinMs }),
      sendFollowed: async (instance, to, message) =>
        (await this.ask(instance, 'send', { ...to, message, follow: true })).traceId,
    })
    this.graphs = this.#openGraphs()
    if (options.door !== 'none') this.graphs.watch()
    const warn = (text: string) => this.log('warn', text)
    this.#lock = lockOf(this.#source, options, { warn, whileHeld: (file) => serveControl(file, this.links, warn) })
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
      instances: this.#instances.describe(),
      ...(this.#ownActors !== undefined && { ownActors: this.#ownActors.describe() }),
      warnings: [...this.graphs.restored, ...this.#warnings],
    }
  }

  /** The last figures of every instance that has told any. */
  metrics(): InstanceMetrics[] {
    return this.#instances.all.flatMap(({ metrics }) => metrics ?? [])
  }

  /** Two looks at a running instance, the first of one to two seconds ago, or at its start; `undefined` when it does not run. */
  looksAt(instance: string): { before: LoadSample; now: InstanceMetrics } | undefined {
    const { state, metrics: now } = this.#instances.find(instance)
    if (state !== 'running' || now === undefined) return undefined
    return { before: this.history.before(instance) ?? beginningOf(now, now.process.uptimeMs), now }
  }

  /** Counts since each instance's last start: what `millrace run` prints last. */
  summary(): Summary {
    return summarise(
      this.#instances.entries.map(({ source: { entry }, managed }) => ({
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
    const managed = this.#instances.find(instance)
    this.#refuseToStart()
    await this.#instances.onceLoaded([managed], (wanted) => wanted.start())
  }

  /** Starts every instance that is not running, in the order of the file. Throws the first failure once all have been tried. */
  async startAll(): Promise<void> {
    this.#refuseToStart()
    await this.#instances.onceLoaded(this.#instances.all, async (wanted) => {
      if (['stopped', 'failed', 'crashed'].includes(wanted.state)) await wanted.start()
    })
  }

  /** Drains an instance and stops it. */
  async stop(instance: string, { drainMs = defaultDrainMs }: { drainMs?: number } = {}): Promise<void> {
    await this.#instances.find(instance).stop(drainMs)
    // Whoever waited for the stop finds its last lines in the log.
    this.#merge.flush()
  }

  /** Stops all, one after the other in the order of the file, so that what the first have under way drains into the next. */
  async stopAll({ drainMs = defaultDrainMs }: { drainMs?: number } = {}): Promise<void> {
    for (const managed of this.#instances.all) await managed.stop(drainMs)
    this.#lock?.release()
    this.#merge.flush()
  }

  /** Ends an instance at once. */
  async kill(instance: string): Promise<void> {
    await this.#instances.find(instance).kill()
  }

  /** Stops an instance and starts it again. */
  async restart(instance: string): Promise<void> {
    const managed = this.#instances.find(instance)
    this.#refuseToStart()
    await this.#instances.onceLoaded([managed], (wanted) => wanted.restart(defaultDrainMs))
  }

  /** Adds a copy of an instance, which is not started and not in the lab file, and answers its name. Throws `INSTANCE_UNKNOWN`. */
  duplicate(instance: string): string {
    const { name, description } = this.#instances.duplicate(instance)
    this.#tell({ type: 'instance', description })
    return name
  }

  /** Says where an instance runs from its next start on; the lab file stays as it is. Throws `INSTANCE_UNKNOWN`. */
  isolate(instance: string, isolation: Isolation): void {
    this.#tell({ type: 'instance', description: this.#instances.isolate(instance, isolation) })
  }

  /** Stops a copy and takes it away. Throws `INSTANCE_UNKNOWN`, and `INSTANCE_STATE` for one of the lab file. */
  async remove(instance: string): Promise<void> {
    await this.#instances.remove(instance, defaultDrainMs)
    this.#tell({ type: 'instanceRemoved', instance })
  }

  /** Puts a message, as tagged JSON, on an inport of a running instance. */
  async send(
    instance: string,
    node: string,
    port: string,
    message: Parameters<ManagedInstance['send']>[2],
  ): Promise<void> {
    await this.#instances.find(instance).send(node, port, message)
  }

  /** Asks something of a running instance. Throws `INSTANCE_UNKNOWN`, `INSTANCE_STATE`, or what stands in its way. */
  async ask<Name extends keyof Requests>(
    instance: string,
    name: Name,
    input: Requests[Name]['input'],
  ): Promise<Requests[Name]['output']> {
    return await this.#instances.find(instance).ask(name, input)
  }

  /** Opens a tap on a wire of a running instance. Throws `INSTANCE_UNKNOWN`, `INSTANCE_STATE`, `WIRE_UNKNOWN`. */
  async tap(instance: string, target: TapTarget): ReturnType<ManagedInstance['tap']> {
    return await this.#instances.find(instance).tap(target)
  }

  /** The dead letters of one instance, or of all: those of their last runs. */
  deadLetters(instance?: string): { instance: string; letter: DeadLetter }[] {
    const asked = instance === undefined ? this.#instances.names : [instance]
    return asked.flatMap((name) => this.#instances.find(name).deadLetters.map((letter) => ({ instance: name, letter })))
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
    this.traces.stop()
    await Promise.all([this.graphs.stop(), ...this.#instances.all.map((managed) => managed.kill())])
    this.#lock?.release()
    await this.#ownActors?.stop()
    this.#merge.flush()
  }

  async #stopAndForget(options: { drainMs?: number }): Promise<void> {
    try {
      this.traces.stop()
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
    for (const managed of this.#instances.all)
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

  #openInstances(): LabInstances {
    const { workerFile, spawnProcess, restartAfterCrash = true } = this.#options
    return new LabInstances({
      source: this.#source,
      graphs: () => this.graphs,
      catalogue: () => this.catalogue,
      workerFile,
      spawnProcess,
      restartAfterCrash,
      specOf: (source, why) => this.#specOf(source, why),
      loaded: () => this.#ownActors?.load(),
      log: (level, text, instance) => this.log(level, text, instance),
      onLogs: (entries) => {
        for (const entry of entries) this.#merge.add(entry)
      },
      onSpans: (spans, notKept) => this.traces.store.add(spans, notKept),
      onMetrics: (metrics) => {
        this.history.add(metrics)
        this.#tell({ type: 'metrics', metrics })
      },
      onChange: ({ name, state }, description) => {
        if (state === 'starting') this.history.restart(name)
        // It may be gone again by the time it is told.
        if (state === 'running') this.traces.tell(name).catch(() => undefined)
        this.#tell({ type: 'instance', description })
      },
    })
  }

  #specOf(source: SourceInstance, { isRestart }: { isRestart: boolean }): InstanceSpec {
    const { name, entry } = source
    const { open, composition } = this.graphs.planFor(name, entry.graph, { isRestart })
    const spec = this.#source.specOf(
      { ...source, graph: this.#source.runnableGraph(open, composition) },
      { allowExec: this.#options.allowExec ?? false, ownActors: this.#ownActors?.bundle },
    )
    const { statesFolder, stateDir, portBase } = this.#options
    const states = statesFolder ?? defaultStatesFolder(this.#source.file, portBase, stateDir)
    spec.statesFolder = statesFolderOf(states, name)
    return this.links.applyTo(name, spec)
  }

  #openGraphs(): LabGraphs {
    const { door, stateDir = envPaths('millrace', { suffix: '' }).config } = this.#options
    return new LabGraphs({
      graphs: this.#source.graphs,
      isRunning: (instance) => this.#instances.find(instance).state === 'running',
      exportsOf: (instance) => this.#instances.exportsOf(instance),
      apply: async (instance, open, composition) => {
        const runnable = this.#source.runnableGraph(open, composition)
        const env = this.#source.environmentOf(runnable)
        await this.#instances.find(instance).ask('applyGraph', { graph: runnable, env })
      },
      ...(door !== 'none' && { draftsFolder: path.join(stateDir, 'drafts') }),
      tell: (event) => this.#tell({ type: 'graph', event }),
      log: (level, text) => this.log(level, text),
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

  #refuseToStart(): void {
    if (this.#closing !== undefined) throw new MillraceError('INSTANCE_STATE', 'the lab is being closed; open it again')
    if (this.#isTrusted) return this.#lock?.take()
    throw new MillraceError(
      'NOT_TRUSTED',
      `the folder ${this.#source.folder} has not been trusted yet; look at what its lab may do, then trust it`,
    )
  }
}
