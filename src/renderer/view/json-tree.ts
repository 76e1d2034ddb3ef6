/** A line of a value shown as a tree. */
export interface TreeLine {
  /** Keys and places joined by dots; empty for the value itself. */
  path: string
  name: string
  depth: number
  /** What it is: its own text, or how much is in it. */
  text: string
  type: 'object' | 'array' | 'string' | 'number' | 'boolean' | 'null'
  canOpen: boolean
  value: unknown
}

const lineLimit = 2_000

/** The lines of a value as far as it is opened; at most 2,000, so that a large one stops nobody. */
export function treeLines(value: unknown, isOpen: (path: string) => boolean): TreeLine[] {
  const lines: TreeLine[] = []
  const visit = (current: unknown, name: string, path: string, depth: number): void => {
    if (lines.length >= lineLimit) return
    const line = lineOf(current, name, path, depth)
    lines.push(line)
    if (!line.canOpen || !isOpen(path)) return
    const entries = Array.isArray(current) ? current.entries() : Object.entries(current as object)
    for (const [key, child] of entries) {
      if (lines.length >= lineLimit) return
      visit(child, String(key), path === '' ? String(key) : `${path}.${key}`, depth + 1)
    }
  }
  visit(value, '', '', 0)
  return lines
}

function lineOf(value: unknown, name: string, path: string, depth: number): TreeLine {
  const base = { path, name, depth, value }
  if (Array.isArray(value)) return { ...base, type: 'array', text: `[${value.length}]`, canOpen: value.length > 0 }
  if (typeof value === 'object' && value !== null) {
    const { length } = Object.keys(value)
    return { ...base, type: 'object', text: `{${length}}`, canOpen: length > 0 }
  }
  const type = value === null || value === undefined ? 'null' : (typeof value as 'string' | 'number' | 'boolean')
  return { ...base, type, text: type === 'string' ? JSON.stringify(value) : String(value ?? null), canOpen: false }
}

/** What is different between two values, path by path: added, removed or changed; at most 500 of them. */
export interface Difference {
  path: string
  type: 'added' | 'removed' | 'changed'
  before?: unknown
  after?: unknown
}

/** Compares two values as JSON; arrays place by place. */
export function differences(before: unknown, after: unknown, limit = 500): Difference[] {
  const found: Difference[] = []
  const visit = (one: unknown, other: unknown, path: string): void => {
    if (found.length >= limit || Object.is(one, other)) return
    if (isTree(one) && isTree(other) && Array.isArray(one) === Array.isArray(other)) {
      for (const key of new Set([...Object.keys(one), ...Object.keys(other)])) {
        const below = path === '' ? key : `${path}.${key}`
        if (!Object.hasOwn(one, key)) found.push({ path: below, type: 'added', after: other[key] })
        else if (!Object.hasOwn(other, key)) found.push({ path: below, type: 'removed', before: one[key] })
        else visit(one[key], other[key], below)
      }
    } else found.push({ path, type: 'changed', before: one, after: other })
  }
  visit(before, after, '')
  return found.slice(0, limit)
}

function isTree(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

/** The bytes of a text in rows of sixteen: place, hexadecimal, and what can be read of it. */
export function hexRows(text: string, limit = 4_096): { place: string; hex: string; text: string }[] {
  const bytes = new TextEncoder().encode(text).slice(0, limit)
  return Array.from({ length: Math.ceil(bytes.length / 16) }, (_, row) => {
    const part = Array.from(bytes.subarray(row * 16, row * 16 + 16))
    return {
      place: (row * 16).toString(16).padStart(6, '0'),
      hex: part.map((byte) => byte.toString(16).padStart(2, '0')).join(' '),
      text: part.map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCodePoint(byte) : '·')).join(''),
    }
  })
}
