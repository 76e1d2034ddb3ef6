import {
  MillraceError,
  type ErrorCode,
  type GraphConnection,
  type GraphExport,
  type WireEnd,
} from '../../shared/index.ts'
import { isInitial, millraceOf } from '../graph-parts.ts'
import type { JsonPath } from '../json-text.ts'
import { didYouMean } from '../suggest.ts'
import { Draft } from './draft.ts'
import { jsonRecord, jsonValue } from './json-value.ts'

type Connections = readonly GraphConnection[]

/** A graph that is being changed by commands: finds its parts by name, or refuses in words. */
export class GraphDraft {
  readonly draft: Draft

  constructor(graph: GraphExport) {
    this.draft = new Draft(graph)
  }

  get graph(): GraphExport {
    return this.draft.value as GraphExport
  }

  get connections(): Connections {
    return this.graph.connections ?? []
  }

  /** The path of a node that is there. Throws `NODE_UNKNOWN`. */
  node(id: string): JsonPath {
    const processes = this.graph.processes ?? {}
    if (Object.hasOwn(processes, id)) return ['processes', id]
    throw refused('NODE_UNKNOWN', `there is no node "${id}"${didYouMean(id, Object.keys(processes))}`)
  }

  /** The path of a wire that is there. Throws `WIRE_UNKNOWN`. */
  wire(from: WireEnd, to: WireEnd): ['connections', number] {
    const index = this.connections.findIndex((connection) => isWire(connection, from, to))
    if (index !== -1) return ['connections', index]
    throw refused('WIRE_UNKNOWN', `there is no wire ${wireName(from, to)}`)
  }

  /** The path of a group that is there. Throws `GROUP_UNKNOWN`. */
  group(id: string): ['groups', number] {
    const groups = this.graph.groups ?? []
    const index = groups.findIndex((group) => group.id === id)
    if (index !== -1) return ['groups', index]
    const names = groups.map((group) => group.id)
    throw refused('GROUP_UNKNOWN', `there is no group "${id}"${didYouMean(id, names)}`)
  }

  /** Sets or, without a value, removes a field inside the object at a path: the `metadata` of a part, the properties. */
  setField(object: JsonPath, field: JsonPath, value: unknown, what: string): void {
    if (field.length === 0) throw refused('EDIT_INVALID', `${what}: a field needs a name`)
    if (field.includes('__proto__')) throw refused('EDIT_INVALID', `${what}: the key "__proto__" is not allowed`)
    const path = [...object, ...field]
    if (value === undefined) return this.draft.remove(path)
    const kept = jsonValue(value, `${what}, ${field.join('.')}`)
    this.draft.ensureRecord(path.slice(0, -1))
    const list = this.draft.get(path.slice(0, -1))
    const step = field.at(-1)
    if (Array.isArray(list) && !(Number.isInteger(step) && Number(step) >= 0 && Number(step) <= list.length))
      throw refused('EDIT_INVALID', `${what}: ${field.join('.')} is no place of its list`)
    this.draft.set(path, kept)
  }

  /** Merges options into `metadata.millrace` of the part at a path; `null` removes one. */
  mergeOptions(owner: JsonPath, options: Record<string, unknown>, what: string): void {
    for (const [key, value] of Object.entries(options))
      this.setField([...owner, 'metadata'], ['millrace', key], value === null ? undefined : value, what)
    if (Object.keys(millraceOf(this.draft.get([...owner, 'metadata']) as Record<string, unknown>)).length === 0)
      this.draft.remove([...owner, 'metadata', 'millrace'])
  }

  /** What a command gives as `metadata`, as the file will hold it; nothing for nothing. */
  metadata(given: Record<string, unknown> | undefined, what: string): { metadata?: Record<string, unknown> } {
    return given === undefined ? {} : { metadata: jsonRecord(given, what) }
  }
}

/** An edit that cannot be, in words. */
export function refused(code: ErrorCode, message: string): MillraceError {
  return new MillraceError(code, message)
}

/** Refuses a name that no file could hold: empty, or one that every object inherits. */
export function refuseName(name: string, what: string): void {
  if (name === '') throw refused('NAME_INVALID', `${what} needs a name`)
  if (reserved.has(name)) throw refused('NAME_INVALID', `${what} cannot be called "${name}"; choose another name`)
}

const reserved = new Set(['__proto__', 'constructor', 'prototype'])

/** Whether a connection is the wire between two ports. */
export function isWire(connection: GraphConnection, from: WireEnd, to: WireEnd): boolean {
  return (
    connection.from.nodeId === from.node &&
    connection.to.nodeId === to.node &&
    connection.from.portId === from.port &&
    connection.to.portId === to.port &&
    !isInitial(connection)
  )
}

/** How a wire is named in words. */
export function wireName(from: WireEnd, to: WireEnd): string {
  return `${from.node}.${from.port} -> ${to.node}.${to.port}`
}
