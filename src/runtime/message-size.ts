const wordBytes = 8
const maxDepth = 4
const maxKeys = 32

/**
 * Guesses how many bytes a message keeps alive. Exact for text and bytes; arrays are judged by their first, middle and last
 * item and objects by their first 32 fields, so that the cost stays small whatever the size.
 */
export function estimateBytes(value: unknown): number {
  switch (typeof value) {
    case 'number':
    case 'boolean':
    case 'undefined':
      return wordBytes
    case 'object':
      return value === null ? wordBytes : bytesOfObject(value, 0)
    default:
      return bytesOfOther(value)
  }
}

function bytesOfOther(value: unknown): number {
  if (typeof value === 'string') return 2 * wordBytes + 2 * value.length
  return 4 * wordBytes
}

function bytesOfObject(value: object, depth: number): number {
  if (Array.isArray(value)) return bytesOfArray(value, depth)
  if (ArrayBuffer.isView(value)) return 8 * wordBytes + value.byteLength
  if (value instanceof ArrayBuffer) return 8 * wordBytes + value.byteLength
  if (value instanceof Map || value instanceof Set) return 8 * wordBytes * (1 + value.size)
  let bytes = 2 * wordBytes
  let keys = 0
  for (const key in value) {
    if (++keys > maxKeys) continue
    bytes += bytesOfItem((value as Readonly<Record<string, unknown>>)[key], depth)
  }
  return keys > maxKeys ? Math.ceil((bytes * keys) / maxKeys) : bytes
}

function bytesOfArray(items: readonly unknown[], depth: number): number {
  const { length } = items
  const frame = 2 * wordBytes
  if (length === 0) return frame
  if (length <= 3) {
    let bytes = frame
    for (const item of items) bytes += bytesOfItem(item, depth)
    return bytes
  }
  const sampled =
    bytesOfItem(items[0], depth) + bytesOfItem(items[length >> 1], depth) + bytesOfItem(items[length - 1], depth)
  return frame + Math.ceil((sampled * length) / 3)
}

function bytesOfItem(item: unknown, depth: number): number {
  if (typeof item === 'number') return wordBytes
  if (typeof item === 'string') return 3 * wordBytes + 2 * item.length
  if (typeof item !== 'object' || item === null) return wordBytes
  return depth < maxDepth ? wordBytes + bytesOfObject(item, depth + 1) : 8 * wordBytes
}
