import { MillraceError } from './error.ts'
import { inferKind, type MessageKind } from './message-kind.ts'
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

function made(kind: MessageKind, value: unknown): TaggedMessage {
  const found = inferKind(value)
  const fits = looks[kind]?.includes(found) ?? true
  if (!fits || (kind === 'float' && typeof value === 'bigint'))
    throw new MillraceError('MESSAGE_INVALID', `a message of kind ${kind} cannot be made of a value of kind ${found}`)
  const tagged = toTagged(value, kind)
  if (looks[kind] !== undefined) fromTagged(tagged)
  return tagged
}
