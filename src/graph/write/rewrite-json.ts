import { parseTree, type Node } from 'jsonc-parser'
import { isRecord } from '../graph-parts.ts'
import { sameJson } from '../edit/same-json.ts'
import { formatJson, joinFlat, joinLines } from './format-json.ts'
import { lineWidth, styleOf, type JsonStyle } from './json-style.ts'

/**
 * Writes a JSON value as a change of a text: what is unchanged is copied letter for letter, and what is new is laid out like its
 * surroundings. With nothing changed the text comes back as it was. `sourceValue` is what the text was read as; parts of `value` that are
 * the same objects are not looked into.
 */
export function rewriteJson(source: string, sourceValue: unknown, value: unknown): string {
  const mark = source.startsWith('\uFEFF') ? '\uFEFF' : ''
  const text = source.slice(mark.length)
  const tree = parseTree(text, [], { disallowComments: true })
  if (!tree) return source
  const changed = new Rewriting(text).rewrite(tree, sourceValue, value, 0)
  return changed === undefined
    ? source
    : `${mark}${text.slice(0, tree.offset)}${changed}${text.slice(tree.offset + tree.length)}`
}

class Rewriting {
  readonly #text: string
  readonly #style: JsonStyle

  constructor(text: string) {
    this.#text = text
    this.#style = styleOf(text)
  }

  /** The new text of a part, or `undefined` when it stays as it is. */
  rewrite(node: Node, old: unknown, value: unknown, depth: number): string | undefined {
    if (old === value) return undefined
    if (isRecord(old) && isRecord(value)) return this.#object(node, old, value, depth)
    if (Array.isArray(old) && Array.isArray(value)) return this.#list(node, old, value, depth)
    return this.#format(value, this.#marginAt(node.offset), this.#columnAt(node.offset), depth)
  }

  #object(node: Node, old: Record<string, unknown>, value: Record<string, unknown>, depth: number): string | undefined {
    const inner = this.#innerMargin(node)
    const keys = Object.keys(value).filter((key) => value[key] !== undefined)
    const members = new Map<string, string>()
    let isChanged = false
    for (const property of node.children ?? []) {
      const [keyNode, valueNode] = property.children ?? []
      const key = String(keyNode?.value)
      if (!valueNode || !Object.hasOwn(value, key) || value[key] === undefined) {
        isChanged = true
        continue
      }
      const changed = this.rewrite(valueNode, old[key], value[key], depth + 1)
      isChanged ||= changed !== undefined
      members.set(key, `${this.#text.slice(property.offset, valueNode.offset)}${changed ?? this.#slice(valueNode)}`)
    }
    if (!isChanged && members.size === keys.length) return undefined
    const ordered = [...members.keys()]
    for (const [index, key] of keys.entries()) {
      if (members.has(key)) continue
      // A new key follows the one that it follows in the value.
      const before = keys[index - 1]
      ordered.splice(before === undefined ? 0 : ordered.indexOf(before) + 1, 0, key)
      const name = `${JSON.stringify(key)}${this.#style.colon}`
      members.set(key, `${name}${this.#format(value[key], inner, inner.length + name.length, depth + 1)}`)
    }
    const texts = ordered.map((key) => members.get(key) ?? '')
    return this.#join('{}', texts, node, depth)
  }

  #list(node: Node, old: unknown[], value: unknown[], depth: number): string | undefined {
    const nodes = node.children ?? []
    const places = placesOf(old, value)
    if (old.length === value.length && places.every((place, index) => place?.index === index && place.isSame))
      return undefined
    const inner = this.#innerMargin(node)
    const texts = value.map((item: unknown, index) => {
      const place = places[index]
      const source = place && nodes[place.index]
      if (!place || !source) return this.#format(item, inner, inner.length, depth + 1)
      return (place.isSame ? undefined : this.rewrite(source, old[place.index], item, depth + 1)) ?? this.#slice(source)
    })
    return this.#join('[]', texts, node, depth)
  }

  #join(brackets: '[]' | '{}', texts: string[], node: Node, depth: number): string {
    const style = this.#style
    const wasLines = this.#isOnLines(node)
    const wasEmpty = (node.children ?? []).length === 0
    const flat = joinFlat(brackets, texts, style)
    const fits = !flat.includes('\n') && this.#columnAt(node.offset) + flat.length < lineWidth
    const isOnLines = wasLines || (!style.isFlat && (!fits || (wasEmpty && depth < 2)))
    return isOnLines ? joinLines(brackets, texts, this.#innerMargin(node), this.#marginAt(node.offset), style) : flat
  }

  #format(value: unknown, margin: string, column: number, depth: number): string {
    return formatJson(value, { style: this.#style, margin, column, depth })
  }

  #slice({ offset, length }: Node): string {
    return this.#text.slice(offset, offset + length)
  }

  #isOnLines(node: Node): boolean {
    const first = node.children?.[0]
    return first !== undefined && this.#text.slice(node.offset, first.offset).includes('\n')
  }

  /** The indentation of what stands in a container. */
  #innerMargin(node: Node): string {
    const first = node.children?.[0]
    if (first && this.#isOnLines(node)) return this.#marginAt(first.offset)
    return `${this.#marginAt(node.offset)}${this.#style.indent}`
  }

  /** The white space at the begin of the line that holds a place. */
  #marginAt(offset: number): string {
    return /^[ \t]*/.exec(this.#text.slice(this.#lineStart(offset), offset))?.[0] ?? ''
  }

  #columnAt(offset: number): number {
    return offset - this.#lineStart(offset)
  }

  #lineStart(offset: number): number {
    return offset === 0 ? 0 : this.#text.lastIndexOf('\n', offset - 1) + 1
  }
}

interface Place {
  /** The item of the source that this one was. */
  index: number
  isSame: boolean
}

/** Finds for each item of a changed list the item of the source that it was, or the one whose place it took. */
function placesOf(old: readonly unknown[], value: readonly unknown[]): (Place | undefined)[] {
  const places: (Place | undefined)[] = Array.from({ length: value.length }, () => undefined)
  const isTaken = new Set<number>()
  const take = (at: number, index: number, isSame: boolean) => {
    places[at] = { index, isSame }
    isTaken.add(index)
  }
  const match = (keyOf: (item: unknown) => unknown, isOpen: (at: number) => boolean) => {
    const indexes = new Map<unknown, number[]>()
    for (let index = old.length - 1; index >= 0; index--) {
      if (isTaken.has(index)) continue
      const key = keyOf(old[index])
      const list = indexes.get(key)
      if (list) list.push(index)
      else indexes.set(key, [index])
    }
    for (const [at, item] of value.entries()) {
      const index = isOpen(at) ? indexes.get(keyOf(item))?.pop() : undefined
      if (index !== undefined) take(at, index, true)
    }
  }
  match(
    (item) => item,
    () => true,
  )
  const isOpen = (at: number) => places[at] === undefined
  if (value.some((_item, at) => isOpen(at)) && isTaken.size < old.length) match(canonical, isOpen)
  for (const at of value.keys()) {
    if (!isOpen(at)) continue
    const next = (places[at - 1]?.index ?? -1) + 1
    if (next < old.length && !isTaken.has(next)) take(at, next, sameJson(old[next], value[at]))
  }
  return places
}

/** A text that is the same for values that say the same. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) =>
    isRecord(item) ? Object.fromEntries(Object.entries(item).sort(([one], [other]) => (one < other ? -1 : 1))) : item,
  )
}
