import {
  describeError,
  type DeadLetter,
  type LogLevel,
  type MessageKind,
  MillraceError,
  type NodeSnapshot,
  type WireEnd,
  type WireOptions,
  type WireSnapshot,
} from '../shared/index.ts'
import type { ActorDefinition, Sent } from './actor.ts'
import { ActorPlan } from './actor-plan.ts'
import { type DeadLetterLimit, DeadLetters, defaultDeadLetterLimit } from './dead-letters.ts'
import { ByteWatch } from './byte-watch.ts'
import { DeadlockWatch } from './deadlock-watch.ts'
import { deepFreeze } from './freeze.ts'
import type { Histogram } from './histogram.ts'
import { Inspection } from './inspection.ts'
import { lineOf } from './event-line.ts'
import { KeptStates } from './kept-states.ts'
import { EventBus, type NetworkEvent } from './network-event.ts'
import { NetworkLife, type NetworkState } from './network-life.ts'
import { NetworkTracing } from './network-tracing.ts'
import { NetworkNode, type NodeRole } from './network-node.ts'
import { type Environment, type NodeSettings, parseSettings } from './node-config.ts'
import type { NodeHost } from './node-host.ts'
import { snapshotNode } from './node-snapshot.ts'
import type { NetworkLogLine, Platform } from './host-platform.ts'
import type { Sender } from './outbox.ts'
import { RunControl } from './run-control.ts'
import { Scheduler } from './scheduler.ts'
import { Sizer } from './sizer.ts'
import type { StateStore } from './state-store.ts'
import type { TraceContext, TracePlace, Tracer } from './tracer.ts'
import { Topology } from './topology.ts'
import { wireId } from './wire.ts'
import { snapshotWire } from './wire-snapshot.ts'

const defaultDrainMs = 5_000

const noMetadata = Object.freeze({})
const noWireOptions: WireOptions = Object.freeze({})

/** What a network is made with. */
export interface NetworkOptions {
  platform: Platform
  networkId?: string
  instanceId?: string
  /** Where `env_vars` of nodes are looked up. */
  env?: Environment
  log?: (line: NetworkLogLine) => void
  /** Freezes every payload that is sent, and watches bytes, so that changing what others share is an error; for development. */
  freeze?: boolean
  deadLetterLimit?: DeadLetterLimit
  /** Where the states of nodes with `persist` are kept; without it such a node is refused. */
  states?: StateStore
}

/** How a node is added. */
export interface NodeOptions {
  /** As in graph files: the config, and beside it `position`, `label`, `env_vars` and `millrace`. */
  metadata?: Readonly<Record<string, unknown>>
  role?: NodeRole
}

/** Nodes and wires that run together. Everything works before the start, while it runs and after the stop. */
export class Network {
  /** Looks into wires and changes what waits there: peek, remove, breakpoints, taps. */
  readonly wires: Inspection
  /** Pauses, steps, resumes and drains. */
  readonly control: RunControl
  readonly #env: Environment
  readonly #log: (line: NetworkLogLine) => void
  readonly #actors = new Map<string, ActorDefinition>()
  readonly #topology: Topology
  readonly #events: EventBus
  readonly #deadLetters: DeadLetters
  readonly #scheduler: Scheduler
  readonly #host: NodeHost
  readonly #life: NetworkLife

  constructor(options: NetworkOptions) {
    const {
      platform,
      networkId = 'network',
      instanceId = 'instance',
      env = {},
      log = () => {},
      freeze = false,
    } = options
    this.#env = env
    this.#log = log
    this.#events = new EventBus((error, event) => {
      this.#write('error', undefined, `a listener failed at the event "${event.type}": ${describeError(error)}`)
    })
    this.#deadLetters = new DeadLetters(options.deadLetterLimit ?? defaultDeadLetterLimit, () => platform.now())
    this.#scheduler = new Scheduler(platform, (error) => {
      this.#write('error', undefined, `the scheduler met a fault of its own: ${describeError(error)}`)
    })
    const scheduler = this.#scheduler
    this.#topology = new Topology({
      get timeMs() {
        return scheduler.timeMs
      },
      after: (delayMs, run) => platform.after(delayMs, run),
      expired: (wire, value, ttlMs) => {
        const why = { code: 'MESSAGE_EXPIRED', reason: `it waited longer than the ${ttlMs} ms that the wire allows` }
        this.bury(wire.to, value, wire.origin === undefined ? why : { ...why, source: wire.origin })
      },
      held: (wire) => this.#events.emit({ type: 'messageHeld', wire: wire.id }),
    })
    this.wires = new Inspection(this.#topology, () => platform.monotonicMs())
    this.control = new RunControl({ topology: this.#topology, scheduler, platform })
    const bytes = freeze ? new ByteWatch() : undefined
    const plans = new WeakMap<ActorDefinition, ActorPlan>()
    const emit = (event: NetworkEvent) => {
      const line = lineOf(event)
      if (line !== undefined) this.#write(line.level, line.node, line.text)
      this.#events.emit(event)
    }
    const deadlocks = new DeadlockWatch(this.#topology, emit)
    this.#host = {
      networkId,
      instanceId,
      platform,
      scheduler: this.#scheduler,
      sizer: new Sizer(),
      freeze: bytes && ((value) => deepFreeze(value, bytes)),
      planOf: (actor) => {
        let plan = plans.get(actor)
        if (plan === undefined) plans.set(actor, (plan = new ActorPlan(actor, bytes)))
        return plan
      },
      log: (level, node, text) => this.#write(level, node, text),
      emit,
      states: new KeptStates({ platform, store: options.states, emit }),
      subscribe: (listener) => this.#events.subscribe(listener),
      deadLetter: (message) => this.#events.emit({ type: 'deadLetter', letter: this.#deadLetters.add(message) }),
      blocked: (node) => deadlocks.blocked(node),
      pausedHasWork: (node) => this.control.pausedHasWork(node),
    }
    this.#life = new NetworkLife(this.#topology, this.#host)
    this.#scheduler.whenIdle = () => deadlocks.look()
  }

  get state(): NetworkState {
    return this.#life.state
  }

  /** Makes an actor known by its name; returns the undo. Throws `ACTOR_INVALID` when another one has the name. */
  register(actor: ActorDefinition): () => void {
    const known = this.#actors.get(actor.name)
    if (known !== undefined && known !== actor)
      throw new MillraceError('ACTOR_INVALID', `another actor named "${actor.name}" is registered already`)
    this.#actors.set(actor.name, actor)
    return () => {
      if (this.#actors.get(actor.name) === actor) this.#actors.delete(actor.name)
    }
  }

  actors(): ActorDefinition[] {
    return [...this.#actors.values()]
  }

  /**
   * Adds a node; in a running network it starts at once, and a failure of its start is a `nodeFailed` event.
   *
   * @throws MillraceError `NODE_DUPLICATE`, `ACTOR_UNKNOWN`, `CONFIG_INVALID`, `ENV_MISSING`.
   */
  addNode(
    id: string,
    actor: string | ActorDefinition,
    { metadata = noMetadata, role = 'local' }: NodeOptions = {},
  ): void {
    if (id === '') throw new MillraceError('NODE_UNKNOWN', 'a node needs an id')
    if (this.#topology.nodes.has(id)) throw new MillraceError('NODE_DUPLICATE', `there is already a node "${id}"`)
    const definition = typeof actor === 'string' ? this.#actor(id, actor) : actor
    const settings = this.#parse(id, definition, metadata)
    const node = new NetworkNode(this.#host, id, this.#host.planOf(definition), settings, role)
    this.#topology.nodes.set(id, node)
    this.#topology.followNode(node)
    this.#host.states.adopt(node)
    this.control.adopt(node)
    this.#events.emit({ type: 'nodeAdded', node: id })
    if (this.#life.isLive) void this.#life.beginLate(node)
  }

  /** Removes a node with its wires and initial messages; what was queued becomes dead letters. Done when its stop hook is. Throws `NODE_UNKNOWN`. */
  async removeNode(id: string): Promise<void> {
    await this.#life.remove(this.#topology.node(id))
  }

  /** Gives a node a new config; one that has a start hook is started again, with its state. Throws `NODE_UNKNOWN`, `CONFIG_INVALID`, `ENV_MISSING`. */
  setConfig(id: string, metadata: Readonly<Record<string, unknown>>): void {
    const node = this.#topology.node(id)
    node.settings = this.#parse(id, node.actor, metadata)
    this.#host.states.adopt(node)
    this.#events.emit({ type: 'configChanged', node: id })
    if (this.#life.isLive && node.actor.start !== undefined) void this.#life.restart(node)
  }

  /**
   * Starts a node again, whether it runs, has failed or is parked; its messages wait meanwhile. Its state is fresh; where it persists it
   * is what it has, or with `forget` fresh and all that was kept of it gone. Done when it has started.
   *
   * @throws MillraceError `NODE_UNKNOWN`, `NETWORK_STATE` when the network does not run, or what its start hook threw.
   */
  async restartNode(id: string, { forget = false }: { forget?: boolean } = {}): Promise<void> {
    const node = this.#topology.node(id)
    if (!this.#life.isLive)
      throw new MillraceError('NETWORK_STATE', `node "${id}" cannot be restarted: its network does not run`)
    const { states } = this.#host
    if (node.phase === 'started') states.take(node)
    node.supervisor.reset()
    node.suspend()
    if (forget) await states.forget(node)
    await node.renew()
  }

  /** Reads a node's config again, as its actor wants it now, and starts it again with its state. Throws as `setConfig`. */
  rereadConfig(id: string): void {
    this.setConfig(id, this.#topology.node(id).settings.metadata)
  }

  /** Joins an outport to an inport; gives the id of the wire. Throws `NODE_UNKNOWN`, `PORT_UNKNOWN`, `KIND_MISMATCH`, `WIRE_DUPLICATE`, `CONFIG_INVALID`. */
  addWire(from: WireEnd, to: WireEnd, options: WireOptions = noWireOptions): string {
    this.#topology.addWire(from, to, options)
    const wire = wireId(from, to)
    if (this.#events.isHeard) this.#events.emit({ type: 'wireAdded', wire, from, to })
    return wire
  }

  /** Takes a wire away; what was on it becomes dead letters. Throws `WIRE_UNKNOWN`. */
  removeWire(from: WireEnd, to: WireEnd): void {
    const { id } = this.#topology.removeWire(from, to, '')
    this.#events.emit({ type: 'wireRemoved', wire: id, from, to })
  }

  /** Sends a message to an inport at every start of the network, before all others; in a running one, now. Throws `NODE_UNKNOWN`, `PORT_UNKNOWN`. */
  addInitial(to: WireEnd, value: unknown): void {
    const node = this.#topology.node(to.node)
    const inport = this.#topology.inport(node, to.port)
    this.#life.initials.push({ to: { ...to }, value })
    if (this.#life.isLive) this.#topology.door(node, inport).admit(value)
  }

  /**
   * Sends a message to a node from outside, of the kind that its value has by itself unless one is said. Gives nothing when there was room, else something that is done when there is.
   *
   * @throws MillraceError `NODE_UNKNOWN`, `PORT_UNKNOWN`, `KIND_MISMATCH`, `OUTBOX_FULL`, or `NETWORK_STATE` while it stops.
   */
  send(node: string, port: string, value: unknown, { kind }: { kind?: MessageKind } = {}): Sent {
    return this.#admit(node, port, value, undefined, kind)
  }

  /** Makes a sender of its own to an inport, like `send`: one that forgets to await is in nobody's way but its own. */
  sender(node: string, port: string): (value: unknown, kind?: MessageKind) => Sent {
    const own: Sender = { waiting: undefined }
    return (value, kind) => this.#admit(node, port, value, own, kind)
  }

  #admit(node: string, port: string, value: unknown, sender?: Sender, kind?: MessageKind): Sent {
    const target = this.#topology.node(node)
    const inport = this.#topology.inport(target, port)
    if (this.state === 'draining')
      throw new MillraceError('NETWORK_STATE', `node "${node}" takes no more messages: its network is stopping`)
    return this.#topology.door(target, inport).send(value, sender, kind)
  }

  /** Keeps a message that was meant for a port and could not be delivered, as a dead letter with its reason. */
  bury(to: WireEnd, value: unknown, why: { code: string; reason: string; source?: string }): void {
    const { code, reason, source } = why
    const node = this.#topology.nodes.get(to.node)
    if (node === undefined) this.#host.deadLetter({ ...to, value, code, reason, source })
    else node.failures.bury([{ port: to.port, source, value }], code, reason)
  }

  /**
   * Starts all nodes. Done when every start hook is, or has begun to send. If one fails, what was started is stopped again.
   *
   * @throws MillraceError the first failure, naming the node; `NETWORK_STATE` when it is stopping or was stopped meanwhile.
   */
  async start(): Promise<void> {
    await this.#life.start()
  }

  /**
   * Stops the sources, lets the rest process what is queued for up to `drainMs` (5,000), aborts all signals and runs the stop hooks.
   * Gives how many messages are left: they stay queued for the next start. Never throws; may be called twice.
   */
  async stop({ drainMs = defaultDrainMs }: { drainMs?: number } = {}): Promise<{ left: number }> {
    return await this.#life.stop(drainMs)
  }

  /** Describes nodes and wires as they are at this moment. */
  snapshot(): { nodes: NodeSnapshot[]; wires: WireSnapshot[]; deadLetters: number } {
    return {
      nodes: Array.from(this.#topology.nodes.values(), snapshotNode),
      wires: Array.from(this.#topology.wires(), (wire) => snapshotWire(wire, this.#topology.guards.get(wire))),
      deadLetters: this.#deadLetters.total,
    }
  }

  /**
   * Follows messages through nodes and wires from now on, in place of whoever did; returns the undo. What the tracer lets begin costs a
   * microsecond per node, everything else a look; without a tracer there is nothing.
   */
  trace(tracer: Tracer): () => void {
    const tracing = new NetworkTracing(tracer, this.#host.platform, () => this.#scheduler.isInSlice)
    this.#topology.follow(tracing)
    return () => {
      if (this.#topology.tracing === tracing) this.#topology.follow(undefined)
    }
  }

  /**
   * Follows, while messages are, the next one that comes to a node (to this inport of it, where one is named), that leaves it where it takes none, or that
   * goes onto a wire, whatever it was caused by; tells its trace. Returns the undo, for when none comes.
   *
   * @throws MillraceError `NODE_UNKNOWN`, `PORT_UNKNOWN`, `WIRE_UNKNOWN`, or `NETWORK_STATE` while nothing is followed.
   */
  traceNext(place: TracePlace, begun: (context: TraceContext) => void): () => void {
    const fits = this.#topology.fitting(place)
    const { tracing } = this.#topology
    if (tracing === undefined) throw new MillraceError('NETWORK_STATE', 'no messages are followed in this network')
    return tracing.awaitNext(fits, begun)
  }

  /** How long the nodes that have run take for a message, and how long messages wait for them. */
  times(): { node: string; service: Histogram; waiting: Histogram }[] {
    return Array.from(this.#topology.nodes.values()).flatMap(({ id, turns: { timesKept } }) =>
      timesKept === undefined ? [] : [{ node: id, service: timesKept.service, waiting: timesKept.waiting }],
    )
  }

  /** The newest messages that could not be delivered or processed, oldest first. */
  deadLetters(): DeadLetter[] {
    return this.#deadLetters.toArray()
  }

  /**
   * Sends a dead letter's message once more to the node and port it was for, behind what waits there, and forgets the letter. Throws
   * `MESSAGE_GONE`, `NODE_UNKNOWN`, `PORT_UNKNOWN`, `KIND_MISMATCH`, `OUTBOX_FULL`, `NETWORK_STATE`; then the letter is kept.
   */
  retryDeadLetter(sequence: number): Sent {
    const { letter, message } = this.#deadLetters.get(sequence)
    if (message === undefined)
      throw new MillraceError('MESSAGE_GONE', `the message of dead letter ${sequence} was too large to be kept`)
    const sent = this.#admit(letter.node, letter.port, message.value, { waiting: undefined })
    this.dropDeadLetter(sequence)
    return sent
  }

  /** Forgets a dead letter; it still counts. Throws `MESSAGE_GONE`. */
  dropDeadLetter(sequence: number): void {
    this.#deadLetters.take(sequence)
    this.#events.emit({ type: 'deadLetterGone', sequence })
  }

  /** Calls the listener with every event from now on; returns the undo. */
  subscribe(listener: (event: NetworkEvent) => void): () => void {
    return this.#events.subscribe(listener)
  }

  #actor(node: string, name: string): ActorDefinition {
    const actor = this.#actors.get(name)
    if (actor !== undefined) return actor
    const names = [...this.#actors.keys()].join(', ') || 'none'
    throw new MillraceError(
      'ACTOR_UNKNOWN',
      `node "${node}" uses the actor "${name}", which is not known; known: ${names}`,
    )
  }

  #parse(node: string, actor: ActorDefinition, metadata: Readonly<Record<string, unknown>>): NodeSettings {
    const settings = parseSettings(node, actor, metadata, this.#env)
    this.#host.states.check(node, settings.options)
    if (settings.unknownKeys.length > 0)
      this.#write('warn', node, `${actor.name} does not know these config fields: ${settings.unknownKeys.join(', ')}`)
    return settings
  }

  #write(level: LogLevel, node: string | undefined, text: string): void {
    this.#log({ level, node, text: String(text) })
  }
}
