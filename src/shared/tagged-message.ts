import { MillraceError } from './error.ts'
import { inferKind, messageTags, type MessageKind, type MessageTag } from './message-kind.ts'

/**
 * A message as JSON (Reflow's `{type, data}`), as it is written at HTTP, command line, screen and contract.
 * What JSON cannot hold is spelled out: an integer beyond 2^53 and a float that is not finite are strings, bytes an array of
 * numbers; inside objects and arrays such a value is an object `{"$kind": tag, "data": …}`.
 */
export interface TaggedMessage {
  type: MessageTag
  data?: unknown
}

const kindsByTag = new Map(Object.entries(messageTags).map(([kind, tag]) => [tag, kind as MessageKind]))

/** Deeper values are refused: a stack is not without end. */
const maxDepth = 200

/** Writes a value as tagged JSON. Values that no message can hold (functions, symbols) are refused with `MESSAGE_INVALID`. */
export function toTagged(value: unknown, kind: MessageKind = inferKind(value)): TaggedMessage {
  const type = messageTags[kind]
  return kind === 'flow' ? { type } : { type, data: toData(value, 'top', 0) }
}

/** Reads tagged JSON back into the value it stands for; also Reflow's `{"data":[bytes of JSON text]}` payloads. Refuses with `MESSAGE_INVALID`. */
export function fromTagged(tagged: unknown): unknown {
  if (!isRecord(tagged)) throw invalid('a message is an object {"type", "data"}')
  const kind = kindsByTag.get(tagged['type'] as MessageTag)
  if (kind === undefined) throw invalid(`unknown message type ${JSON.stringify(tagged['type'])}`)
  return fromTag(kind, tagged['data'], 0)
}

/** Reads what a person typed: tagged JSON if it looks like it, else the plain JSON value itself. */
export function fromTaggedOrPlain(json: unknown): unknown {
  return looksTagged(json) ? fromTagged(json) : fromData(json, 0)
}

/** As `fromTaggedOrPlain`, as a tagged message: the kind is the one that was typed, else the one that the value has by itself. */
export function taggedOf(json: unknown): TaggedMessage {
  const value = fromTaggedOrPlain(json)
  return looksTagged(json) ? toTagged(value, kindsByTag.get(json.type)) : toTagged(value)
}

/** The kind that a tagged message says it is of. Refuses with `MESSAGE_INVALID`. */
export function kindOf({ type }: TaggedMessage): MessageKind {
  const kind = kindsByTag.get(type)
  if (kind === undefined) throw invalid(`unknown message type ${JSON.stringify(type)}`)
  return kind
}

function looksTagged(json: unknown): json is TaggedMessage {
  return (
    isRecord(json) &&
    kindsByTag.has(json['type'] as MessageTag) &&
    Object.keys(json).every((key) => key === 'type' || key === 'data')
  )
}

function toData(value: unknown, place: 'top' | 'nested', depth: number): unknown {
  if (depth > maxDepth) throw invalid(`a message is nested deeper than ${maxDepth} levels`)
  switch (typeof value) {
    case 'boolean':
    case 'string':
      return value
    case 'number':
      return Number.isFinite(value) && !Object.is(value, -0)
        ? value
        : escapeUnless(place, 'Float', Object.is(value, -0) ? '-0' : String(value))
    case 'bigint':
      return escapeUnless(place, 'Integer', String(value))
    case 'undefined':
      return place === 'top' ? null : { $kind: 'Flow' }
    case 'object':
      return objectToData(value, place, depth)
    default:
      throw invalid(`a ${typeof value} cannot be a message`)
  }
}

function objectToData(value: object | null, place: 'top' | 'nested', depth: number): unknown {
  if (value === null) return null
  if (value instanceof Uint8Array) return escapeUnless(place, 'Stream', Array.from(value))
  if (value instanceof Error) return escapeUnless(place, 'Error', value.message)
  if (value instanceof Date) return value.toISOString()
  if (Array.isArray(value)) return value.map((item) => toData(item, 'nested', depth + 1))
  const entries = Object.entries(value).map(([key, item]) => [key, toData(item, 'nested', depth + 1)] as const)
  const plain = Object.fromEntries(entries)
  const misleading = '$kind' in plain || reflowPayload(plain) !== plain
  return misleading ? { $kind: 'Object', data: plain } : plain
}

function escapeUnless(place: 'top' | 'nested', $kind: MessageTag, data: unknown): unknown {
  return place === 'top' ? data : { $kind, data }
}

function fromTag(kind: MessageKind, data: unknown, depth: number): unknown {
  switch (kind) {
    case 'flow':
      return undefined
    case 'integer':
      if (typeof data === 'string' && /^-?\d+$/.test(data)) return BigInt(data)
      if (typeof data === 'number' && Number.isInteger(data)) return data
      throw invalid('the data of an Integer is a whole number')
    case 'float':
      return floatFrom(data)
    case 'stream':
    case 'encoded':
      return bytesFrom(data)
    case 'error':
      return new Error(String(data))
    case 'boolean':
      if (typeof data === 'boolean') return data
      throw invalid('the data of a Boolean is true or false')
    case 'string':
      if (typeof data === 'string') return data
      throw invalid('the data of a String is text')
    case 'array':
      if (Array.isArray(data)) return data.map((item) => fromData(reflowPayload(item), depth + 1))
      throw invalid('the data of an Array is an array')
    default:
      return fromData(reflowPayload(data), depth)
  }
}

function fromData(data: unknown, depth: number): unknown {
  if (depth > maxDepth) throw invalid(`a message is nested deeper than ${maxDepth} levels`)
  if (Array.isArray(data)) return data.map((item) => fromData(item, depth + 1))
  if (!isRecord(data)) return data
  const kind = kindsByTag.get(data['$kind'] as MessageTag)
  if (kind === 'object') return mapValues(data['data'], depth)
  return kind === undefined ? mapValues(data, depth) : fromTag(kind, data['data'], depth + 1)
}

function mapValues(data: unknown, depth: number): unknown {
  if (!isRecord(data)) throw invalid('the data of an Object is an object')
  return Object.fromEntries(Object.entries(data).map(([key, item]) => [key, fromData(item, depth + 1)]))
}

/** Reflow's `EncodableValue`: the bytes of a JSON text as an array of numbers. */
function reflowPayload(data: unknown): unknown {
  if (!isRecord(data) || Object.keys(data).length !== 1 || !isByteArray(data['data']) || data['data'].length === 0)
    return data
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(Uint8Array.from(data['data'])))
  } catch {
    // Not JSON text, so it is an ordinary object that has a field named "data".
    return data
  }
}

function floatFrom(data: unknown): number {
  if (typeof data === 'number') return data
  if (data === 'NaN' || data === 'Infinity' || data === '-Infinity' || data === '-0') return Number(data)
  throw invalid('the data of a Float is a number, "NaN", "Infinity" or "-Infinity"')
}

function bytesFrom(data: unknown): Uint8Array {
  if (!isByteArray(data)) throw invalid('the data of a Stream is an array of bytes (0 to 255)')
  return Uint8Array.from(data)
}

function isByteArray(data: unknown): data is number[] {
  return Array.isArray(data) && data.every((byte) => Number.isInteger(byte) && byte >= 0 && byte <= 255)
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function invalid(message: string): MillraceError {
  return new MillraceError('MESSAGE_INVALID', message)
}
