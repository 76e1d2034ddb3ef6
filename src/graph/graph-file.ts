import * as v from 'valibot'
import type { GraphExport, GraphPortType } from '../shared/index.ts'
import { isRecord } from './graph-parts.ts'
import { readFile, valueOrThrow, type FileReading } from './file-reading.ts'

const record = v.custom<Record<string, unknown>>(isRecord, 'expected an object')
const metadata = v.exactOptional(v.nullable(record))

const portType: v.GenericSchema<GraphPortType> = v.variant('type', [
  v.object({
    type: v.picklist(['any', 'flow', 'event', 'boolean', 'integer', 'float', 'string', 'stream', 'encoded']),
  }),
  v.object({ type: v.literal('object'), value: v.string() }),
  v.object({ type: v.picklist(['array', 'option']), value: v.lazy(() => portType) }),
])

const edge = v.looseObject({
  nodeId: v.string(),
  portId: v.string(),
  portName: v.string(),
  expose: v.boolean(),
  portType,
  index: v.exactOptional(v.nullable(v.number())),
  metadata,
})

/** Schema checks skip the keys that every object inherits, so nothing in a graph may be called that. */
function named<Schema extends v.GenericSchema>(item: Schema) {
  const isNamed = (value: unknown) => isRecord(value) && !Object.keys(value).some((key) => inherited.has(key))
  return v.pipe(
    v.custom<Record<string, v.InferInput<Schema>>>(
      isNamed,
      'expected an object whose keys are names; "constructor" and "prototype" cannot be used as names',
    ),
    v.record(v.string(), item),
  )
}
const inherited = new Set(['constructor', 'prototype'])

/** What a graph file has to be; fields that it does not name are kept. */
export const graphFileSchema: v.GenericSchema<GraphExport> = v.looseObject({
  caseSensitive: v.boolean(),
  // Reflow ends the whole process when the name is missing.
  properties: v.objectWithRest(
    {
      name: v.pipe(
        v.string(),
        v.check((name) => name !== '', 'expected a name'),
      ),
    },
    v.unknown(),
  ),
  processes: v.exactOptional(named(v.looseObject({ id: v.string(), component: v.string(), metadata }))),
  connections: v.exactOptional(v.array(v.looseObject({ from: edge, to: edge, metadata }))),
  inports: v.exactOptional(named(edge)),
  outports: v.exactOptional(named(edge)),
  groups: v.exactOptional(v.array(v.looseObject({ id: v.string(), nodes: v.array(v.string()), metadata }))),
})

/** Whether a value has the shape of a graph file. */
export function fitsGraphSchema(value: unknown): value is GraphExport {
  return isRecord(value) && v.is(graphFileSchema, value)
}

/** Reads a graph file and says everything that is wrong with it. */
export function readGraph(text: string): FileReading<GraphExport> {
  return readFile(text, graphFileSchema)
}

/**
 * Reads a graph file; `file` is named in errors. Unknown fields survive.
 * @throws MillraceError `FILE_INVALID`: `file:line:column: what was expected`.
 */
export function parseGraph(text: string, file: string): GraphExport {
  return valueOrThrow(readGraph(text), file)
}
