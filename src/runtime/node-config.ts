import type { StandardSchemaV1 } from '@standard-schema/spec'
import {
  defaultRetry,
  defaultSupervision,
  MillraceError,
  readNodeOptions,
  type NodeRunOptions,
  type Retry,
  type Supervision,
} from '../shared/index.ts'
import type { ActorDefinition } from './actor.ts'

/** Fields of a node's metadata that are not its config. */
const reservedKeys: ReadonlySet<string> = new Set(['position', 'label', 'env_vars', 'millrace'])

const noOptions: NodeRunOptions = {}
const noVariables: Environment = Object.freeze({})

/** What the environment of the host holds. */
export type Environment = Readonly<Record<string, string | undefined>>

/** A node's metadata, read. */
export interface NodeSettings {
  /** What the actor's schema made of the config. */
  readonly config: unknown
  /** The variables that `env_vars` names, and no others. */
  readonly env: Environment
  /** What `metadata.millrace` says. */
  readonly options: NodeRunOptions
  /** How often and when its messages are tried again, and what a failure costs it: as the options say, or the defaults. */
  readonly retry: Retry
  readonly supervision: Supervision
  /** Config fields that the actor does not know. */
  readonly unknownKeys: readonly string[]
  /** As it was given. */
  readonly metadata: Readonly<Record<string, unknown>>
}

/** Those of all nodes that say nothing. Frozen: a behaviour that took its config for its state would change that of all others. */
const noSettings: NodeSettings = Object.freeze({
  config: Object.freeze({}),
  env: noVariables,
  options: noOptions,
  retry: defaultRetry,
  supervision: defaultSupervision,
  unknownKeys: [],
  metadata: Object.freeze({}),
})

/**
 * Reads a node's metadata as its actor wants it.
 *
 * @throws MillraceError `CONFIG_INVALID` naming node, field and what was expected; `ENV_MISSING` naming node and variable.
 */
export function parseSettings(
  node: string,
  actor: ActorDefinition,
  metadata: Readonly<Record<string, unknown>>,
  environment: Environment,
): NodeSettings {
  if (actor.config === undefined && isEmpty(metadata)) return noSettings
  const given = Object.fromEntries(Object.entries(metadata).filter(([key]) => !reservedKeys.has(key)))
  const config = actor.config === undefined ? given : checkConfig(node, actor, actor.config, given)
  const env = readEnvironment(node, metadata['env_vars'], environment)
  const options = parseOptions(node, metadata['millrace'])
  const { retry = defaultRetry, supervision = defaultSupervision } = options
  return { config, env, options, retry, supervision, unknownKeys: unknownKeys(given, config), metadata }
}

function isEmpty(record: object): boolean {
  for (const key in record) if (Object.hasOwn(record, key)) return false
  return true
}

function parseOptions(node: string, given: unknown): NodeRunOptions {
  if (typeof given !== 'object' || given === null) return noOptions
  const { options, faults } = readNodeOptions(given as Readonly<Record<string, unknown>>)
  const [fault] = faults
  if (fault === undefined) return options
  throw new MillraceError('CONFIG_INVALID', `node "${node}", millrace.${fault.path.join('.')}: ${fault.message}`)
}

function checkConfig(
  node: string,
  actor: ActorDefinition,
  schema: StandardSchemaV1,
  given: Readonly<Record<string, unknown>>,
): unknown {
  const result = schema['~standard'].validate(given)
  if (isThenable(result)) {
    // Nobody waits for it, so its failure must not become an unhandled one.
    result.then(undefined, () => {})
    throw new MillraceError(
      'ACTOR_INVALID',
      `actor "${actor.name}": its config schema is asynchronous; use one that answers at once`,
    )
  }
  if (result.issues === undefined) return result.value
  const faults = result.issues.map((issue) => describeIssue(issue)).join('; ')
  throw new MillraceError('CONFIG_INVALID', `config of node "${node}" (${actor.name}): ${faults}`)
}

/** One line for an issue of any Standard Schema: the field, then what was expected. */
export function describeIssue({ path, message }: StandardSchemaV1.Issue): string {
  const field = path?.map((segment) => String(typeof segment === 'object' ? segment.key : segment)).join('.')
  return field === undefined || field === '' ? message : `field "${field}": ${message}`
}

/** A schema drops what it does not know; one that renames its fields keeps no key at all and tells us nothing. */
function unknownKeys(given: Readonly<Record<string, unknown>>, config: unknown): string[] {
  if (typeof config !== 'object' || config === null) return []
  return Object.keys(given).filter((key) => !(key in config))
}

/** `env_vars` as Reflow has them: `required`, `optional`, `optional:default`. */
function readEnvironment(node: string, declared: unknown, environment: Environment): Environment {
  if (declared === undefined || declared === null) return noVariables
  if (typeof declared !== 'object' || Array.isArray(declared))
    throw new MillraceError(
      'CONFIG_INVALID',
      `node "${node}": env_vars is an object of names and "required" or "optional"`,
    )
  const found = Object.entries(declared).map(([name, need]: [string, unknown]) => {
    return [name, readVariable(node, name, need, environment[name])] as const
  })
  return Object.fromEntries(found)
}

function readVariable(node: string, name: string, need: unknown, value: string | undefined): string | undefined {
  if (need === 'required') {
    if (value !== undefined) return value
    throw new MillraceError(
      'ENV_MISSING',
      `node "${node}" requires the environment variable ${name}; set it, or mark it "optional" in env_vars`,
    )
  }
  if (need === 'optional') return value
  if (typeof need === 'string' && need.startsWith('optional:')) return value ?? need.slice('optional:'.length)
  throw new MillraceError(
    'CONFIG_INVALID',
    `node "${node}": env_vars.${name} is "required", "optional" or "optional:<default>", not ${JSON.stringify(need)}`,
  )
}

/** Whether something can be awaited. Never throws. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  try {
    return typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function'
  } catch {
    // Its `then` is a getter that throws.
    return false
  }
}
