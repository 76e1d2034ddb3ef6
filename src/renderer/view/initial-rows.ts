import { initialsOf } from '../../graph/index.ts'
import {
  fromTaggedOrPlain,
  inferKind,
  messageTags,
  toTagged,
  type CommandMessage,
  type GraphExport,
} from '../../shared/index.ts'
import { readJson } from './config-form.ts'
import { failureOf } from './failure.ts'

/** An initial message of a port, as JSON text; `index` counts those of its port. */
export interface InitialRow {
  port: string
  index: number
  text: string
}

/** The initial messages of a node, in the order in which its ports get them. */
export function initialsAt(graph: GraphExport, node: string): InitialRow[] {
  const counts = new Map<string, number>()
  return initialsOf(graph).flatMap(({ to, value, kind }) => {
    if (to.node !== node) return []
    const index = counts.get(to.port) ?? 0
    counts.set(to.port, index + 1)
    const tagged = toTagged(value, kind)
    // As plain as it can be written and still be read as what it is.
    const plain = kind === undefined || kind === inferKind(value) ? tagged.data : undefined
    const isPlain = plain !== undefined && plain !== null && JSON.stringify(plain) === JSON.stringify(value)
    return [{ port: to.port, index, text: JSON.stringify(isPlain ? plain : tagged) }]
  })
}

/** What a person wrote as a message: a command's message, or why it is none. */
export type MessageReading = { type: 'message'; message: CommandMessage } | { type: 'fault'; text: string }

/** Reads JSON, plain or as `{"type", "data"}`. */
export function readMessage(text: string): MessageReading {
  const read = readJson(text)
  if (read.type !== 'value') return { type: 'fault', text: read.type === 'fault' ? read.text : 'nothing is written' }
  const { value } = read
  try {
    fromTaggedOrPlain(value)
  } catch (error) {
    return { type: 'fault', text: failureOf(error).text }
  }
  const tags: readonly unknown[] = Object.values(messageTags)
  const isTagged = typeof value === 'object' && value !== null && 'type' in value && tags.includes(value.type)
  return { type: 'message', message: isTagged ? (value as CommandMessage) : { data: value } }
}
