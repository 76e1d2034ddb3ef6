import { MillraceError, type GraphChange } from '../../shared/index.ts'
import { isRecord } from '../graph-parts.ts'
import type { JsonPath } from '../json-text.ts'
import { sameJson } from './same-json.ts'

type Container = Record<string, unknown> | unknown[]

/**
 * A JSON value that is being changed: copies what it touches once, leaves the original as it was, and writes down every change with its
 * inverse. What is put in becomes part of the value and is not to be mutated afterwards.
 */
export class Draft {
  /** What was done so far. */
  readonly changes: GraphChange[] = []
  readonly #inverse: GraphChange[] = []
  readonly #own = new Set<object>()
  #value: unknown

  constructor(value: unknown) {
    this.#value = value
  }

  /** The value as it is now. Parts that were not touched are those of the original. */
  get value(): unknown {
    return this.#value
  }

  /** What undoes everything, in the order in which it has to be applied. */
  get inverse(): GraphChange[] {
    return this.#inverse.toReversed()
  }

  /** The part at a path, or `undefined`. */
  get(path: JsonPath): unknown {
    let part = this.#value
    for (const step of path) {
      if (Array.isArray(part)) part = typeof step === 'number' ? part[step] : undefined
      else part = isRecord(part) && Object.hasOwn(part, step) ? part[step] : undefined
    }
    return part
  }

  /** Whether there is something at a path, `null` included. */
  has(path: JsonPath): boolean {
    return path.length === 0 || this.get(path) !== undefined
  }

  /** Puts a value at a path: replaces what is there, or adds a key at the end. Does nothing where the same is there already. */
  set(path: JsonPath, value: unknown): void {
    const old = this.get(path)
    if (old === undefined) return this.add(path, value)
    if (sameJson(old, value)) return
    this.#write({ op: 'replace', path: [...path], value }, { op: 'replace', path: [...path], value: old })
    if (path.length === 0) this.#value = value
    else {
      const holder = this.#holder(path)
      if (Array.isArray(holder)) holder[Number(path.at(-1))] = value
      else holder[String(path.at(-1))] = value
    }
  }

  /** Adds a key to an object, before the key that is number `at` now, or an item to a list before the one that the path names. */
  add(path: JsonPath, value: unknown, at?: number): void {
    const holder = this.#holder(path)
    const step = path.at(-1)
    if (Array.isArray(holder)) holder.splice(Number(step), 0, value)
    else if (at === undefined) holder[String(step)] = value
    else this.#relink(path.slice(0, -1), withKey(holder, String(step), value, at))
    const place = at === undefined ? {} : { at }
    this.#write({ op: 'add', path: [...path], value, ...place }, { op: 'remove', path: [...path] })
  }

  /** Takes out what is at a path; nothing there, nothing done. */
  remove(path: JsonPath): void {
    const old = this.get(path)
    if (old === undefined) return
    const holder = this.#holder(path)
    const step = path.at(-1)
    const inverse: GraphChange = { op: 'add', path: [...path], value: old }
    if (Array.isArray(holder)) holder.splice(Number(step), 1)
    else {
      // Asked once: the keys of a large object take longer than all the rest.
      const keys = Object.keys(holder)
      const at = keys.indexOf(String(step))
      delete holder[String(step)]
      if (at < keys.length - 1) inverse.at = at
    }
    this.#write({ op: 'remove', path: [...path] }, inverse)
  }

  /** Gives a key of an object another name and value, in its place among the others: what `remove` and `add` do, with one copy for both. */
  rename(path: JsonPath, to: string, value: unknown): void {
    const around = path.slice(0, -1)
    const name = String(path.at(-1))
    const holder = this.get(around)
    const old = this.get(path)
    if (old === undefined || !isRecord(holder) || Array.isArray(holder)) return
    const made: Record<string, unknown> = {}
    const keys = Object.keys(holder)
    const at = keys.indexOf(name)
    for (const key of keys)
      if (key === name) made[to] = value
      else made[key] = holder[key]
    this.#relink(around, made)
    const place = at < keys.length - 1 ? { at } : {}
    this.#write({ op: 'remove', path: [...path] }, { op: 'add', path: [...path], value: old, ...place })
    const renamed = [...around, to]
    this.#write({ op: 'add', path: renamed, value, at }, { op: 'remove', path: renamed })
  }

  /** Makes sure that there is an object at a path, and one at every step of it. Throws `EDIT_INVALID` where another value stands in the way. */
  ensureRecord(path: JsonPath): void {
    for (let length = 1; length <= path.length; length++) {
      const part = path.slice(0, length)
      const found = this.get(part)
      if (isRecord(found) || Array.isArray(found)) continue
      if (found !== undefined && found !== null) throw inTheWay(part)
      this.set(part, {})
    }
  }

  /** Makes sure that there is a list at a path. Throws `EDIT_INVALID` where another value stands in the way. */
  ensureList(path: JsonPath): void {
    this.ensureRecord(path.slice(0, -1))
    const found = this.get(path)
    if (Array.isArray(found)) return
    if (found !== undefined && found !== null) throw inTheWay(path)
    this.set(path, [])
  }

  /** Does what a change says. Returns false, and does nothing, where the value has no such place. */
  apply(change: GraphChange): boolean {
    const { op, path } = change
    if (path.includes('__proto__')) return false
    const holder = path.length === 0 ? undefined : this.get(path.slice(0, -1))
    const step = path.at(-1)
    const isThere = this.has(path)
    if (op === 'remove') {
      if (!isThere || path.length === 0) return false
      this.remove(path)
    } else if (op === 'replace') {
      if (!isThere) return false
      this.set(path, change.value)
    } else if (Array.isArray(holder)) {
      if (!Number.isInteger(step) || Number(step) < 0 || Number(step) > holder.length) return false
      this.add(path, change.value)
    } else {
      if (!isRecord(holder) || isThere) return false
      this.add(path, change.value, change.at)
    }
    return true
  }

  /** The container that a path ends in, as a copy of our own; so are those around it. */
  #holder(path: JsonPath): Container {
    this.#value = this.#owned(this.#value)
    let holder = this.#value as Container
    for (const step of path.slice(0, -1)) {
      const key = step as keyof typeof holder
      const part = this.#owned(holder[key])
      ;(holder as Record<string | number, unknown>)[step] = part
      holder = part as Container
    }
    return holder
  }

  /** Puts a new object, which is ours, in the place of one. */
  #relink(path: JsonPath, part: Record<string, unknown>): void {
    this.#own.add(part)
    if (path.length === 0) this.#value = part
    else (this.#holder(path) as Record<string | number, unknown>)[path.at(-1) ?? 0] = part
  }

  #owned(part: unknown): unknown {
    if (typeof part !== 'object' || part === null || this.#own.has(part)) return part
    const copy = Array.isArray(part) ? [...part] : { ...part }
    this.#own.add(copy)
    return copy
  }

  #write(change: GraphChange, inverse: GraphChange): void {
    this.changes.push(change)
    this.#inverse.push(inverse)
  }
}

function inTheWay(path: JsonPath): MillraceError {
  return new MillraceError('EDIT_INVALID', `${path.join('.')} holds a plain value where this needs room; mend it first`)
}

/** Objects keep the order in which keys were added, so a key in the midst of others takes a new one. A loop is twice as quick as `fromEntries`. */
function withKey(holder: Record<string, unknown>, key: string, value: unknown, at: number): Record<string, unknown> {
  const made: Record<string, unknown> = {}
  const keys = Object.keys(holder)
  for (let index = 0; index <= keys.length; index++) {
    if (index === at) made[key] = value
    const other = keys[index]
    if (other !== undefined) made[other] = holder[other]
  }
  return made
}
