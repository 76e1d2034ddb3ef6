/** The message kinds, Reflow's variants in our spelling, with the tag each has in tagged JSON. */
export const messageTags = {
  flow: 'Flow',
  event: 'Event',
  boolean: 'Boolean',
  integer: 'Integer',
  float: 'Float',
  string: 'String',
  object: 'Object',
  array: 'Array',
  stream: 'Stream',
  encoded: 'Encoded',
  optional: 'Optional',
  any: 'Any',
  error: 'Error',
  remoteReference: 'RemoteReference',
  networkEvent: 'NetworkEvent',
} as const

/** What sort of value a message is. */
export type MessageKind = keyof typeof messageTags

/** The name of a kind in tagged JSON (`{type, data}`). */
export type MessageTag = (typeof messageTags)[MessageKind]

/** Says what kind a plain JavaScript value is of: bytes are a stream, `undefined` is flow, `null` is an empty optional. */
export function inferKind(value: unknown): MessageKind {
  switch (typeof value) {
    case 'boolean':
      return 'boolean'
    case 'bigint':
      return 'integer'
    case 'number':
      return Number.isSafeInteger(value) && !Object.is(value, -0) ? 'integer' : 'float'
    case 'string':
      return 'string'
    case 'undefined':
      return 'flow'
    case 'object':
      if (value === null) return 'optional'
      if (Array.isArray(value)) return 'array'
      if (value instanceof Uint8Array) return 'stream'
      if (value instanceof Error) return 'error'
      return 'object'
    default:
      return 'any'
  }
}

/** Whether messages of one kind may enter a port of another; Reflow's rules: equal, anything into or out of `any`, integers into floats. */
export function kindFits(from: MessageKind, to: MessageKind): boolean {
  return from === to || from === 'any' || to === 'any' || (from === 'integer' && to === 'float') || to === 'optional'
}

/** Kinds that no plain value has by itself: what is sent to such a port is taken at its word. */
const kindsByWord: ReadonlySet<MessageKind> = new Set(['event', 'remoteReference', 'networkEvent'])

/** Whether a message that comes from outside a network may enter a port: as `kindFits`, and bytes may be encoded ones. */
export function kindEnters(found: MessageKind, port: MessageKind): boolean {
  return kindFits(found, port) || kindsByWord.has(port) || (port === 'encoded' && found === 'stream')
}

/** Whether a text is the name of a kind. */
export function isMessageKind(name: unknown): name is MessageKind {
  return typeof name === 'string' && Object.hasOwn(messageTags, name)
}
