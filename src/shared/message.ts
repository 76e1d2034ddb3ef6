import { MillraceError } from './error.ts'
import { inferKind, messageTags, type MessageKind } from './message-kind.ts'
import { fromTagged, toTagged, type TaggedMessage } from './tagged-message.ts'

/**
 * Makes messages of which the kind is said rather than inferred, as tagged JSON: what the contract, HTTP and Reflow's dialect take. Each
 * refuses with `MESSAGE_INVALID` what is not of its kind. `fromTagged` gives the plain value back.
 */
export const message = {
  flow: (): TaggedMessage => ({ type: 'Flow' }),
  boolean: (value: boolean) => made('boolean', value),
  /** A whole number; a bigint where it is larger than 2^53. */
  integer: (value: number | bigint) => made('integer', value),
  /** Any number, whole ones too, NaN and the infinities. */
  float: (value: number) => made('float', value),
  string: (value: string) => made('string', value),
  object: (value: Readonly<Record<string, unknown>>) => made('object', value),
  array: (value: readonly unknown[]) => made('array', value),
  stream: (bytes: Uint8Array) => made('stream', bytes),
  encoded: (bytes: Uint8Array) => made('encoded', bytes),
  error: (failure: Error | string) => made('error', typeof failure === 'string' ? new Error(failure) : failure),
  event: (value: unknown) => made('event', value),
  optional: (value: unknown) => made('optional', value ?? null),
  any: (value: unknown) => made('any', value),
  remoteReference: (value: unknown) => made('remoteReference', value),
  networkEvent: (value: unknown) => made('networkEvent', value),
} as const satisfies Record<MessageKind, (value: never) => TaggedMessage>

/** What a value of a kind looks like by itself; kinds that are not here take any. */
const looks: Partial<Record<MessageKind, readonly MessageKind[]>> = {
  boolean: ['boolean'],
  // A whole number that is no safe one counts as a float by itself.
  integer: ['integer', 'float'],
  float: ['float', 'integer'],
  string: ['string'],
  object: ['object'],
  array: ['array'],
  stream: ['stream'],
  encoded: ['stream'],
  error: ['error'],
}

/** Whether a message of this kind can be made of a value. */
export function canBeOfKind(value: unknown, kind: MessageKind): boolean {
  if (kind === 'flow') return value === undefined
  if (kind === 'float') return typeof value === 'number'
  if (kind === 'integer' && typeof value === 'number') return Number.isInteger(value)
  return looks[kind]?.includes(inferKind(value)) ?? true
}

/** Refuses with `MESSAGE_INVALID` a value that no message of this kind can be made of. */
export function checkKind(value: unknown, kind: MessageKind): void {
  if (canBeOfKind(value, kind)) return
  throw new MillraceError(
    'MESSAGE_INVALID',
    `a message of kind ${kind} cannot be made of a value of kind ${inferKind(value)}`,
  )
}

/**
 * Reads JSON as the data of a message of a kind that is said; what JSON cannot hold is written as in tagged messages, and a flow as null.
 * Throws `MESSAGE_INVALID`.
 */
export function taggedAs(kind: MessageKind, data: unknown): TaggedMessage {
  if (kind === 'flow' && data !== null)
    throw new MillraceError('MESSAGE_INVALID', 'a message of kind flow has no data: write null')
  if (kind === 'error' && typeof data !== 'string')
    throw new MillraceError('MESSAGE_INVALID', 'the data of an Error is text')
  const tagged = kind === 'flow' ? message.flow() : { type: messageTags[kind], data }
  checkKind(fromTagged(tagged), kind)
  return tagged
}

function made(kind: MessageKind, value: unknown): TaggedMessage {
  checkKind(value, kind)
  const tagged = toTagged(value, kind)
  if (looks[kind] !== undefined) fromTagged(tagged)
  return tagged
}
