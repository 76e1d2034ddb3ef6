import * as fc from 'fast-check'
import { MessageOfKind, ofKind } from '../../src/peer/index.ts'
import {
  fromTagged,
  inferKind,
  isMessageKind,
  kindOf,
  message,
  messageTags,
  type MessageKind,
} from '../../src/shared/index.ts'

/** All kinds there are. */
export const kinds = Object.keys(messageTags).filter(isMessageKind)

const notMinusZero = (number: number) => (number === 0 ? 0 : number)
const text = fc.string({ unit: 'grapheme' })
const bytes = fc.uint8Array({ maxLength: 20 })
const leaf = fc.oneof(fc.constant(null), fc.boolean(), fc.integer(), text, bytes)
const values: Record<MessageKind, fc.Arbitrary<unknown>> = {
  flow: fc.constant(undefined),
  boolean: fc.boolean(),
  integer: fc.oneof(fc.maxSafeInteger().map(notMinusZero), fc.bigInt({ min: 2n ** 53n + 1n, max: 2n ** 70n })),
  float: fc.oneof(fc.double().map(notMinusZero), fc.integer()),
  string: text,
  object: fc.record({ name: text, value: leaf }),
  array: fc.array(leaf, { maxLength: 4 }),
  stream: bytes,
  encoded: bytes,
  error: text.map((reason) => new Error(reason)),
  event: leaf,
  optional: leaf,
  any: leaf,
  remoteReference: leaf,
  networkEvent: leaf,
}

/** A message of which the kind was said with its constructor. */
export interface SaidMessage {
  readonly kind: MessageKind
  readonly value: unknown
  /** As it is put into a channel. */
  readonly sent: unknown
}

/** A message of this kind, as its constructor makes it. */
export function sayMessage(kind: MessageKind, said: unknown): SaidMessage {
  const construct: (value: never) => ReturnType<typeof message.any> = message[kind]
  const tagged = construct(said as never)
  const value = fromTagged(tagged)
  return { kind, value, sent: ofKind(value, kindOf(tagged)) }
}

/** Messages of every kind. */
export const saidMessages: fc.Arbitrary<SaidMessage> = fc
  .constantFrom(...kinds)
  .chain((kind) => values[kind].map((value) => sayMessage(kind, value)))

/** The kind and the value of what came out of a channel. */
export function arrivedAs(arrived: unknown): { kind: MessageKind; value: unknown } {
  if (arrived instanceof MessageOfKind) return { kind: arrived.kind, value: arrived.value }
  return { kind: inferKind(arrived), value: arrived }
}
