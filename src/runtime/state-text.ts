/** Deeper state is refused: a stack is not without end. */
const maxDepth = 500

const typedArrays = {
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
} as const
type TypedArrayName = keyof typeof typedArrays

/** What JSON cannot hold, or what looks as if it were such: `$` names the type, `v` is what it is made of. */
interface Tagged {
  $: string
  v?: unknown
}

/**
 * Writes the state of a node as JSON text: plain data, and beside it `undefined`, bigint, every number, Date, Map, Set, bytes, typed
 * arrays and errors. What is referred to twice is written twice.
 *
 * @throws Error saying where in the state something cannot be written: a function, a symbol, an object of a class, a ring.
 */
export function writeState(state: unknown): string {
  return JSON.stringify(toJson(state, 'state', []))
}

/** Reads what `writeState` has written. Throws when it is nothing of the kind. */
export function readState(text: string): unknown {
  return fromJson(JSON.parse(text))
}

function toJson(value: unknown, place: string, above: readonly object[]): unknown {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value
    case 'number':
      if (Number.isFinite(value) && !Object.is(value, -0)) return value
      return tag('number', Object.is(value, -0) ? '-0' : String(value))
    case 'bigint':
      return tag('bigint', String(value))
    case 'undefined':
      return tag('undefined')
    case 'object':
      return value === null ? null : objectToJson(value, place, above)
    default:
      throw refused(place, `a ${typeof value}`)
  }
}

function objectToJson(value: object, place: string, above: readonly object[]): unknown {
  if (above.includes(value)) throw refused(place, 'an object that contains itself')
  if (above.length >= maxDepth) throw refused(place, `more than ${maxDepth} levels`)
  const inside = [...above, value]
  const each = (item: unknown, key: string | number) => toJson(item, `${place}.${key}`, inside)
  if (Array.isArray(value)) return Array.from(value as unknown[], each)
  const prototype: unknown = Object.getPrototypeOf(value)
  if (value instanceof Date) return tag('Date', toJson(value.getTime(), place, inside))
  if (value instanceof Map)
    return tag(
      'Map',
      Array.from(value, ([key, item], at) => [each(key, at), each(item, at)]),
    )
  if (value instanceof Set) return tag('Set', Array.from(value, each))
  if (value instanceof Error) return tag('Error', { name: value.name, message: value.message })
  const typed = typedArrayName(value)
  if (typed !== undefined) return tag(typed, base64Of(bytesOf(value as Uint8Array)))
  if (prototype !== Object.prototype && prototype !== null)
    throw refused(place, `an object of the class ${classOf(value)}`)
  const fields = Object.entries(value).map(([key, item]) => [key, each(item, key)] as const)
  return '$' in value ? tag('Object', fields) : Object.fromEntries(fields)
}

function fromJson(json: unknown): unknown {
  if (typeof json !== 'object' || json === null) return json
  if (Array.isArray(json)) return json.map(fromJson)
  if ('$' in json) return fromTagged(json as Tagged)
  return Object.fromEntries(Object.entries(json).map(([key, item]) => [key, fromJson(item)]))
}

function fromTagged({ $, v }: Tagged): unknown {
  switch ($) {
    case 'undefined':
      return undefined
    case 'number':
      return Number(v)
    case 'bigint':
      return BigInt(v as string)
    case 'Date':
      return new Date(fromJson(v) as number)
    case 'Map':
      return new Map((v as [unknown, unknown][]).map(([key, item]) => [fromJson(key), fromJson(item)]))
    case 'Set':
      return new Set((v as unknown[]).map(fromJson))
    case 'Error':
      return Object.assign(new Error((v as Error).message), { name: (v as Error).name })
    case 'Object':
      return Object.fromEntries((v as [string, unknown][]).map(([key, item]) => [key, fromJson(item)]))
    default: {
      if (!(Object.keys(typedArrays) as string[]).includes($)) throw new Error(`there is no type "${$}"`)
      return new typedArrays[$ as TypedArrayName](bytesFrom(v as string).buffer)
    }
  }
}

function tag($: string, v?: unknown): Tagged {
  return v === undefined ? { $ } : { $, v }
}

function refused(place: string, what: string): Error {
  return new Error(`${place} is ${what}`)
}

function classOf(value: object): string {
  return String((value as { constructor?: { name?: unknown } }).constructor?.name ?? 'without a name')
}

/** A Buffer, which is a Uint8Array of a class of its own, counts as one. */
function typedArrayName(value: object): TypedArrayName | undefined {
  return (Object.keys(typedArrays) as TypedArrayName[]).find((name) => value instanceof typedArrays[name])
}

function bytesOf({ buffer, byteOffset, byteLength }: Uint8Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength)
}

const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'

// By hand: the language alone has no base64 before ES2026.
function base64Of(bytes: Uint8Array): string {
  const text: string[] = []
  for (let at = 0; at < bytes.length; at += 3) {
    const [one = 0, two = 0, three = 0] = bytes.subarray(at, at + 3)
    const bits = (one << 16) | (two << 8) | three
    const group = [18, 12, 6, 0].map((shift) => digits[(bits >>> shift) & 63] ?? '')
    text.push(...group.slice(0, Math.min(4, bytes.length - at + 1)))
  }
  return text.join('')
}

function bytesFrom(text: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(Math.floor((text.length * 3) / 4))
  for (let at = 0, to = 0; at < text.length; at += 4, to += 3) {
    let bits = 0
    for (let place = 0; place < 4; place++) bits = (bits << 6) | Math.max(0, digits.indexOf(text[at + place] ?? 'A'))
    for (let place = 0; place < 3 && to + place < bytes.length; place++)
      bytes[to + place] = (bits >>> (16 - 8 * place)) & 255
  }
  return bytes
}
