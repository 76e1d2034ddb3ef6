import type { StandardSchemaV1 } from '@standard-schema/spec'
import { MillraceError, type LogLevel, type MessageKind } from '../shared/index.ts'
import type { NetworkEvent } from './network-event.ts'

/** An inport or outport of an actor. */
export interface Port<Schema extends StandardSchemaV1 | undefined = StandardSchemaV1 | undefined> {
  /** What kind of message goes through; `any` when absent. */
  kind?: MessageKind
  /** Messages the queue behind this port holds when its wire does not say; 1,024 when absent. */
  capacity?: number
  description?: string
  /** Checks every message of an inport and gives it its type; a message that does not fit becomes a dead letter. */
  schema?: Schema
}

/** The ports of one side of an actor, by name. */
export type Ports = Readonly<Record<string, Port>>

/** The type of the messages of a port: its schema's, else that of its kind. */
export type MessageOf<P extends Port> = P extends { schema: infer Schema extends StandardSchemaV1 }
  ? StandardSchemaV1.InferOutput<Schema>
  : P extends { kind: infer Kind extends MessageKind }
    ? ValueOfKind<Kind>
    : unknown

interface KindValues {
  flow: undefined
  boolean: boolean
  integer: number | bigint
  float: number
  string: string
  object: Readonly<Record<string, unknown>>
  array: readonly unknown[]
  stream: Uint8Array
  encoded: Uint8Array
  error: Error
}
type ValueOfKind<Kind extends MessageKind> = Kind extends keyof KindValues ? KindValues[Kind] : unknown

/** What arrived, by inport: the one that fired, or with `firing: 'all'` every one. */
export type Inputs<In extends Ports> = { readonly [P in keyof In]?: MessageOf<In[P]> }

/** What a behaviour emits, by outport. */
export type Outputs<Out extends Ports> = { readonly [P in keyof Out]?: MessageOf<Out[P]> }

/**
 * `undefined` when there was room. Otherwise something to await: it resolves once the message has found room. Beyond the outbox's
 * bound one send may wait; a further one that nobody awaited throws `OUTBOX_FULL`, and so does one beyond 1,024 that are awaited together.
 */
export type Sent = PromiseLike<void> | undefined

/** Writes log lines under the name of the node. */
export type NodeLog = { readonly [Level in LogLevel]: (text: string) => void }

/** What a node may use while its network runs. */
export interface NodeContext<Out extends Ports, Config, State> {
  readonly node: { readonly id: string; readonly networkId: string; readonly instanceId: string }
  readonly config: Config
  /** Belongs to this node alone; change it in place. */
  state: State
  /** The environment variables that the node's `env_vars` name. */
  readonly env: Readonly<Record<string, string | undefined>>
  readonly log: NodeLog
  /** Aborts when the node or its network stops. */
  readonly signal: AbortSignal
  /** Emits now, before the behaviour returns. */
  send(outputs: Outputs<Out>): Sent
  /** One handle for each outport: the fast way to emit. */
  readonly out: { readonly [P in keyof Out]: { send(value: MessageOf<Out[P]>): Sent } }
  /** Publishes a figure of this node by name, such as `accuracy`; the window charts it. */
  gauge(name: string, value: number): void
  /** Tells what happens to this network and its nodes from now on, until the node stops; returns the undo. */
  watch(listener: (event: NetworkEvent) => void): () => void
  /** The wall clock, in milliseconds since the epoch. */
  now(): number
}

/** What a behaviour gets for each message (or, with `firing: 'all'`, each set of messages). */
export interface RunContext<In extends Ports, Out extends Ports, Config, State> extends NodeContext<
  Out,
  Config,
  State
> {
  /** Valid until `run` returns; asynchronous behaviours get their own. */
  readonly inputs: Inputs<In>
  /** The inport that fired; with `firing: 'all'` the last one. */
  readonly port: keyof In & string
  /** Makes the message a dead letter with this reason, at once and without counting it as a failure of the node. */
  reject(reason: string): void
}

/** Undoes what `start` did. */
export type StopNode = () => void | Promise<void>

/** An actor: a component that many nodes may use. Made by `defineActor`. */
export interface ActorDefinition<
  In extends Ports = Ports,
  Out extends Ports = Ports,
  ConfigSchema extends StandardSchemaV1 = StandardSchemaV1,
  State = unknown,
> {
  readonly name: string
  readonly description?: string
  readonly inports: In
  readonly outports: Out
  /** Checks a node's config. Any Standard Schema will do; ours are valibot. */
  readonly config?: ConfigSchema
  /** Makes the state of a new node. */
  state?(config: StandardSchemaV1.InferOutput<ConfigSchema>): State
  /** What is written of a node's state where it is kept (`persist`). Without it all of it is, and has to be plain data, Dates, Maps, Sets and bytes among it. */
  saveState?(state: State): unknown
  /** Makes the state of a node of what was kept of it. What it throws costs the node that state. */
  restoreState?(saved: unknown, config: StandardSchemaV1.InferOutput<ConfigSchema>): State
  /** `any` (default): once per message. `all`: once per set of one message from each inport, in order, none lost. */
  readonly firing?: 'any' | 'all'
  /** How many asynchronous behaviours of one node may be under way; outputs keep the order of inputs. Default 1. */
  readonly parallel?: number
  /** Runs when the node starts; a source emits from here. May return what undoes it. */
  start?(
    context: NodeContext<Out, StandardSchemaV1.InferOutput<ConfigSchema>, State>,
  ): void | StopNode | Promise<void | StopNode>
  /** The behaviour. What it returns is emitted; what it throws is a failure of the node. */
  run?(
    context: RunContext<In, Out, StandardSchemaV1.InferOutput<ConfigSchema>, State>,
  ): Outputs<Out> | void | PromiseLike<Outputs<Out> | void>
}

/**
 * Defines an actor.
 *
 * @example
 * const double = defineActor({
 *   name: 'Double',
 *   inports: { Input: { kind: 'float' } },
 *   outports: { Output: { kind: 'float' } },
 *   run: ({ inputs }) => ({ Output: inputs.Input! * 2 }),
 * })
 * @throws MillraceError `ACTOR_INVALID` when a name is missing or used twice, or a number is out of range.
 */
export function defineActor<
  const In extends Ports = Record<never, never>,
  const Out extends Ports = Record<never, never>,
  ConfigSchema extends StandardSchemaV1 = StandardSchemaV1<Record<string, unknown>, Readonly<Record<string, unknown>>>,
  State = undefined,
>(
  definition: Omit<ActorDefinition<In, Out, ConfigSchema, State>, 'inports' | 'outports'> & {
    inports?: In
    outports?: Out
  },
): ActorDefinition<In, Out, ConfigSchema, State> {
  const actor = { inports: {} as In, outports: {} as Out, ...definition }
  if (!actor.name) throw new MillraceError('ACTOR_INVALID', 'an actor needs a name')
  if (!actor.run && !actor.start)
    throw new MillraceError('ACTOR_INVALID', `actor "${actor.name}" has neither run nor start`)
  const { parallel } = actor
  if (parallel !== undefined && !(Number.isSafeInteger(parallel) && parallel > 0))
    throw new MillraceError(
      'ACTOR_INVALID',
      `actor "${actor.name}": parallel is a whole number above 0, not ${parallel}`,
    )
  for (const [port, { capacity }] of Object.entries<Port>({ ...actor.inports, ...actor.outports })) {
    if (capacity !== undefined && !(Number.isSafeInteger(capacity) && capacity > 0))
      throw new MillraceError(
        'ACTOR_INVALID',
        `port "${port}" of actor "${actor.name}": capacity is a whole number above 0, not ${capacity}`,
      )
  }
  return actor
}
