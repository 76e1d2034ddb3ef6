import * as v from 'valibot'
import { readOptions, type OptionFault } from './option-reading.ts'

/** What becomes of a node whose behaviour has failed. */
export const supervisionStrategies = ['resume', 'restart', 'stop', 'escalate'] as const
/**
 * `resume` (default) keeps the state and goes on. `restart` runs the stop hook, gives fresh state and
 * runs the start hook again. `stop` ends the node, `escalate` its whole network.
 */
export type SupervisionStrategy = (typeof supervisionStrategies)[number]

const whole = (message: string) => v.pipe(v.number(message), v.safeInteger(message), v.minValue(1, message))
const milliseconds = v.pipe(v.number('expected milliseconds'), v.minValue(0, 'expected milliseconds, 0 or more'))
const strategy = v.picklist(supervisionStrategies, `expected one of ${supervisionStrategies.join(', ')}`)

const supervisionSchema = v.object({
  strategy: v.optional(strategy, 'resume'),
  /** Restarts allowed within `withinMs`; one more and the node is parked until somebody restarts it. */
  maxRestarts: v.optional(whole('expected a whole number of restarts above 0'), 5),
  withinMs: v.optional(milliseconds, 60_000),
  /** The wait before the first restart; each further one waits twice as long, up to `maxDelayMs`, less up to a half by chance. */
  minDelayMs: v.optional(milliseconds, 100),
  maxDelayMs: v.optional(milliseconds, 30_000),
})
export type Supervision = v.InferOutput<typeof supervisionSchema>

const retrySchema = v.object({
  /** Tries of one message, the first included, before it becomes a dead letter. */
  attempts: v.optional(whole('expected a whole number of attempts above 0'), 3),
  /** The first retry comes at once; the wait before the second, and twice as long before each further one, less up to a half by chance. */
  minDelayMs: v.optional(milliseconds, 10),
  maxDelayMs: v.optional(milliseconds, 30_000),
})
export type Retry = v.InferOutput<typeof retrySchema>

const persistSchema = v.object({
  /** How long what has changed may be without a snapshot. */
  everyMs: v.optional(whole('expected milliseconds'), 5_000),
  /** The name under which its state is kept; its id when absent. A node that is renamed keeps its state by this. */
  as: v.optional(v.pipe(v.string('expected a name'), v.nonEmpty('expected a name'))),
})
export type Persist = v.InferOutput<typeof persistSchema>

/** What `metadata.millrace` of a node may say of how it runs. */
export const nodeOptionsSchema = v.object({
  /** A strategy, or an object with one and its limits. */
  supervision: v.optional(
    v.union(
      [
        v.pipe(
          strategy,
          v.transform((name) => v.parse(supervisionSchema, { strategy: name })),
        ),
        supervisionSchema,
      ],
      'expected a strategy, or {"strategy", "maxRestarts", "withinMs", "minDelayMs", "maxDelayMs"}',
    ),
  ),
  retry: v.optional(retrySchema),
  /** How many asynchronous runs may be under way; the actor's own number when absent. */
  parallel: v.optional(whole('expected a whole number of runs above 0')),
  /** Keeps its state on disk beyond a stop: `true`, or an object with how often and under which name. */
  persist: v.optional(
    v.union(
      [
        v.pipe(
          v.boolean(),
          v.transform((on) => (on ? v.parse(persistSchema, {}) : undefined)),
        ),
        persistSchema,
      ],
      'expected true, or {"everyMs", "as"}',
    ),
  ),
  /** How long one asynchronous run may take before it counts as failed. */
  deadlineMs: v.optional(whole('expected milliseconds')),
})
/** How a node is supervised, tried again and bounded; what is left out has its default. */
export type NodeRunOptions = v.InferOutput<typeof nodeOptionsSchema>

/** Names of the options of a node, for advice on slips of the pen. */
export const nodeOptionNames: readonly string[] = Object.keys(nodeOptionsSchema.entries)

/** What holds when nobody says otherwise. */
export const defaultSupervision: Supervision = v.parse(supervisionSchema, {})
export const defaultRetry: Retry = v.parse(retrySchema, {})

/** Reads what is right of a node's options and lists what is wrong with the rest; unknown keys are left out. */
export function readNodeOptions(given: Readonly<Record<string, unknown>>): {
  options: NodeRunOptions
  faults: OptionFault[]
} {
  return readOptions(nodeOptionsSchema, given)
}
