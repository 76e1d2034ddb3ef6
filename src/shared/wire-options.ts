import * as v from 'valibot'
import { readOptions, type OptionFault } from './option-reading.ts'

/** What a wire does with a message that it has no room for, or no use. */
export const wirePolicies = ['block', 'drop-oldest', 'drop-newest', 'sample', 'latest'] as const
/**
 * `block` (default) stops the source. `drop-oldest` and `drop-newest` lose one message for each that has no room. `latest` keeps only
 * the newest. `sample` lets at most one message per `sampleMs` pass. Every message lost so is counted in the wire's `dropped`.
 */
export type WirePolicy = (typeof wirePolicies)[number]

/**
 * What a wire that crosses a link promises there. `reliable` (default): every message, once and in order, through any cut within the
 * resume window; senders wait. `at-most-once`: what cannot be sent now, or was under way when the link was cut, is dropped and counted;
 * senders wait only for credit. `latest`: the newest message arrives, older ones that it overtakes are skipped; senders never wait.
 */
export const deliveryModes = ['reliable', 'at-most-once', 'latest'] as const
export type DeliveryMode = (typeof deliveryModes)[number]

const count = (what: string) =>
  v.pipe(v.number(`expected ${what}`), v.safeInteger(`expected ${what}`), v.minValue(1, `expected ${what}`))
const longestTimerMs = 2_147_483_647
const milliseconds = v.pipe(
  v.number('expected milliseconds'),
  v.minValue(1, 'expected at least 1 millisecond'),
  v.maxValue(longestTimerMs, `expected at most ${longestTimerMs} milliseconds`),
)

/** What `metadata.millrace` of a connection may say of its wire. */
export const wireOptionsSchema = v.object({
  /** Messages it holds; its inport's capacity when absent. */
  capacity: v.optional(count('a whole number of messages above 0')),
  /** Bytes it holds, as estimated; 8 MiB when absent. */
  bytes: v.optional(count('a whole number of bytes above 0')),
  policy: v.optional(v.picklist(wirePolicies, `expected one of ${wirePolicies.join(', ')}`)),
  /** With the policy `sample`: at most one message in so many milliseconds; 100 when absent. */
  sampleMs: v.optional(milliseconds),
  /** A message that nobody has taken after so many milliseconds becomes a dead letter. */
  ttlMs: v.optional(milliseconds),
  /** Where the wire crosses a link. */
  delivery: v.optional(v.picklist(deliveryModes, `expected one of ${deliveryModes.join(', ')}`)),
})
/** How a wire holds and loses messages; what is left out has its default. */
export type WireOptions = v.InferOutput<typeof wireOptionsSchema>

/** Names of the options of a wire, for advice on slips of the pen. */
export const wireOptionNames: readonly string[] = Object.keys(wireOptionsSchema.entries)

/** Reads what is right of a wire's options and lists what is wrong with the rest; unknown keys are left out. */
export function readWireOptions(given: Readonly<Record<string, unknown>>): {
  options: WireOptions
  faults: OptionFault[]
} {
  return readOptions(wireOptionsSchema, given)
}
