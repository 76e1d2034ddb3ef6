import { parseTree, printParseErrorCode, type Node, type ParseError } from 'jsonc-parser'
import { mayHoldOddities } from './json-oddities.ts'
import { placesIn } from './json-places.ts'

/** The way from the top of a JSON value to a part of it. */
export type JsonPath = readonly (string | number)[]

/** A place in a text; both count from 1. */
export interface Position {
  line: number
  column: number
}

/** Finds the place of a part, or of the nearest part around it that exists. */
export type Locate = (path: JsonPath) => Position

/** A JSON text that was read, or what is wrong with it; `twice` is the key that occurs twice in its object. */
export type JsonReading =
  | { type: 'read'; value: unknown; locate: Locate; inexact: JsonPath[] }
  | { type: 'broken'; message: string; position: Position; twice?: JsonPath }

/**
 * Reads strict JSON and remembers where everything stands. Refuses what `JSON.parse` would let pass silently: a key that
 * occurs twice in one object, and the key `__proto__`. `inexact` lists whole numbers that JavaScript cannot hold exactly.
 */
export function readJson(textOrBom: string): JsonReading {
  const text = textOrBom.startsWith('\uFEFF') ? textOrBom.slice(1) : textOrBom
  return readQuickly(text) ?? readThroughTree(text)
}

/** Most files hold nothing odd: they are parsed by the language, and looked through only when somebody asks where something stands. */
function readQuickly(text: string): JsonReading | undefined {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    // The reading through the tree says what is wrong, and where.
    return undefined
  }
  if (mayHoldOddities(text)) return undefined
  let find: Locate | undefined
  const locate: Locate = (path) => {
    find ??= locateQuickly(text)
    return find(path)
  }
  return { type: 'read', value, locate, inexact: [] }
}

function locateQuickly(text: string): Locate {
  const positionOf = positions(text)
  const offsetOf = placesIn(text)
  return (path) => positionOf(offsetOf(path))
}

function readThroughTree(text: string): JsonReading {
  const positionOf = positions(text)
  const errors: ParseError[] = []
  try {
    const tree = parseTree(text, errors, { disallowComments: true, allowTrailingComma: false })
    const first = errors[0]
    if (first) return { type: 'broken', message: describeSyntax(first, text), position: positionOf(first.offset) }
    if (!tree) return { type: 'broken', message: 'expected JSON, the file is empty', position: positionOf(0) }
    const { badKey, inexact } = inspect(tree, text)
    if (badKey) {
      const { offset, ...rest } = badKey
      return { type: 'broken', ...rest, position: positionOf(offset) }
    }
    const nearest = nearestIn(tree)
    const locate: Locate = (path) => positionOf(nearest(path).offset)
    return { type: 'read', value: JSON.parse(text), locate, inexact }
  } catch (error) {
    // The stack ran out in the parser, or JSON.parse is stricter than it (a raw control character in a string).
    const reason = error instanceof RangeError ? 'it is nested too deeply' : error instanceof Error ? error.message : ''
    return { type: 'broken', message: `expected JSON: ${reason}`, position: positionOf(0) }
  }
}

/** The value of a JSON text, or nothing when it is none; why it is none is told by `readJson`. */
export function readJsonText(text: string): unknown {
  const reading = readJson(text)
  return reading.type === 'read' ? reading.value : undefined
}

/** Says where the parts of a text stand, or nothing when there is no text or it is not JSON. */
export function locateIn(text: string | undefined): Locate | undefined {
  const reading = text === undefined ? undefined : readJson(text)
  return reading?.type === 'read' ? reading.locate : undefined
}

function positions(text: string): (offset: number) => Position {
  const starts = [0]
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1)
  return (offset) => {
    let low = 0
    let high = starts.length - 1
    while (low < high) {
      const middle = Math.ceil((low + high) / 2)
      if ((starts[middle] ?? 0) <= offset) low = middle
      else high = middle - 1
    }
    return { line: low + 1, column: offset - (starts[low] ?? 0) + 1 }
  }
}

/** Finds parts of a tree, each object's keys looked through once: a check asks for thousands of places. */
function nearestIn(tree: Node): (path: JsonPath) => Node {
  const members = new WeakMap<Node, ReadonlyMap<string, Node>>()
  const membersOf = (node: Node): ReadonlyMap<string, Node> => {
    const known = members.get(node)
    if (known) return known
    const pairs = (node.children ?? []).flatMap(({ children: [key, value] = [] }): [string, Node][] =>
      key && value ? [[String(key.value), value]] : [],
    )
    const made = new Map(pairs)
    members.set(node, made)
    return made
  }
  return (path) => {
    let node = tree
    for (const step of path) {
      const next = node.type === 'array' ? node.children?.[Number(step)] : membersOf(node).get(String(step))
      if (next === undefined) return node
      node = next
    }
    return node
  }
}

interface Inspection {
  badKey?: { message: string; offset: number; twice?: JsonPath }
  inexact: JsonPath[]
}

function inspect(tree: Node, text: string): Inspection {
  const inexact: JsonPath[] = []
  const open: { node: Node; path: JsonPath }[] = [{ node: tree, path: [] }]
  for (let next = open.pop(); next; next = open.pop()) {
    const { node, path } = next
    if (node.type === 'number' && isInexact(text.slice(node.offset, node.offset + node.length))) inexact.push(path)
    if (node.type === 'array')
      node.children?.forEach((child, index) => open.push({ node: child, path: [...path, index] }))
    if (node.type !== 'object') continue
    const seen = new Set<string>()
    for (const property of node.children ?? []) {
      const [key, value] = property.children ?? []
      const name = String(key?.value)
      if (seen.has(name))
        return {
          badKey: {
            message: `the key ${JSON.stringify(name)} occurs twice here; keep one`,
            offset: property.offset,
            twice: [...path, name],
          },
          inexact,
        }
      if (name === '__proto__')
        return {
          badKey: { message: 'the key "__proto__" is not allowed; choose another', offset: property.offset },
          inexact,
        }
      seen.add(name)
      if (value) open.push({ node: value, path: [...path, name] })
    }
  }
  return { inexact }
}

function isInexact(digits: string): boolean {
  return /^-?\d+$/.test(digits) && !Number.isSafeInteger(Number(digits))
}

function describeSyntax({ error, offset }: ParseError, text: string): string {
  const found =
    offset >= text.length ? 'the end of the file' : JSON.stringify(text.slice(offset, offset + 12).split(/\s/)[0])
  const expected: Record<string, string> = {
    PropertyNameExpected: 'a key in double quotes (no comma after the last one)',
    ValueExpected: 'a value (no comma after the last one)',
    ColonExpected: '":" after the key',
    CommaExpected: '"," or the end of the object or array',
    CloseBraceExpected: '"}"',
    CloseBracketExpected: '"]"',
    EndOfFileExpected: 'the end of the file',
    InvalidCommentToken: 'JSON, which has no comments',
    UnexpectedEndOfString: 'the closing double quote of a text',
    InvalidNumberFormat: 'a number as JSON writes it',
    InvalidEscapeCharacter: 'an escape that JSON knows, such as \\n or \\u0041',
    InvalidCharacter: 'no control character; write it as an escape',
    InvalidUnicode: 'four hexadecimal digits after \\u',
  }
  return `expected ${expected[printParseErrorCode(error)] ?? 'JSON'}, found ${found}`
}
