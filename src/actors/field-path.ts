type Fields = Readonly<Record<string, unknown>>

/** Reads `a.b.0.c` of a message; `undefined` when it is not there, the message itself for an empty path. */
export function readField(message: unknown, path: string): unknown {
  if (path === '') return message
  let value = message
  for (const key of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined
    value = (value as Fields)[key]
  }
  return value
}

/** A copy of an object with one field set; what lies on the way there is copied or made. A value of `undefined` removes it. */
export function writeField(message: Fields, path: string, value: unknown): Fields {
  const [key = '', ...rest] = path.split('.')
  if (rest.length === 0) return value === undefined ? without(message, key) : { ...message, [key]: value }
  const inner = Object.hasOwn(message, key) ? message[key] : undefined
  return { ...message, [key]: writeField(asFields(inner), rest.join('.'), value) }
}

/** A copy of an object without a field. */
export function removeField(message: Fields, path: string): Fields {
  return readField(message, path) === undefined ? message : writeField(message, path, undefined)
}

function asFields(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {}
}

function without(message: Fields, key: string): Fields {
  const { [key]: _removed, ...rest } = message
  return rest
}
