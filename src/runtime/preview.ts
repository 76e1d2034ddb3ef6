import { describeError, toTagged } from '../shared/index.ts'

const maxLength = 500
const maxItems = 120
const maxDepth = 8

/** The first 500 characters of a message as tagged JSON. Costs little however large the message is, and never throws. */
export function previewMessage(value: unknown): string {
  let text: string
  try {
    text = JSON.stringify(toTagged(prune(value, 0, { left: maxItems })))
  } catch (error) {
    text = `(cannot be shown: ${describeError(error)})`
  }
  return text.length <= maxLength ? text : `${text.slice(0, maxLength - 1)}…`
}

/** Leaves out what the preview will not show anyway. */
function prune(value: unknown, depth: number, items: { left: number }): unknown {
  items.left--
  if (typeof value === 'string') return value.slice(0, maxLength)
  if (typeof value === 'function' || typeof value === 'symbol') return `(${typeof value})`
  if (typeof value !== 'object' || value === null || value instanceof Error || value instanceof Date) return value
  if (value instanceof Uint8Array) return value.subarray(0, maxItems)
  if (depth >= maxDepth) return '…'
  if (Array.isArray(value)) {
    const kept: unknown[] = []
    for (const item of value) {
      if (items.left <= 0) break
      kept.push(prune(item, depth + 1, items))
    }
    return kept
  }
  const kept: [string, unknown][] = []
  for (const key in value) {
    if (items.left <= 0) break
    kept.push([key.slice(0, maxLength), prune((value as Record<string, unknown>)[key], depth + 1, items)])
  }
  return Object.fromEntries(kept)
}
