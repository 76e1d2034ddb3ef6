import * as fc from 'fast-check'
import type { GraphCommand, GraphExport, WireEnd } from '../../../src/shared/index.ts'
import { graph, initial, wire } from '../fixtures.ts'

const nodeIds = ['a', 'b', 'c', 'd_2', '7', 'with space', 'ünï']
const ports = ['In', 'Out']
const groupIds = ['g', 'h']
const noteIds = ['n', 'm']

const nodeId = fc.constantFrom(...nodeIds)
const end: fc.Arbitrary<WireEnd> = fc.record({ node: nodeId, port: fc.constantFrom(...ports) })
const json = fc.jsonValue({ maxDepth: 2 }).filter((value) => !JSON.stringify(value).includes('__proto__'))
const fields = fc.dictionary(fc.constantFrom('scale', 'mode', 'names', 'deep'), json, { maxKeys: 3 })
const path = fc.constantFrom<string[]>(
  ['scale'],
  ['label'],
  ['env_vars', 'KEY'],
  ['millrace', 'pinned'],
  ['deep', 'er'],
  ['position'],
)
const side = fc.constantFrom('inports' as const, 'outports' as const)
const options = fc.dictionary(
  fc.constantFrom('capacity', 'policy'),
  fc.oneof(fc.constant(null), fc.integer({ min: 1 })),
)
const message = fc.oneof(
  fc.record({ data: json }),
  fc.constantFrom({ type: 'Flow' }, { type: 'Float', data: 1 }, { type: 'Stream', data: [1, 2] }),
)
const index = fc.nat(2)

/** One command, which may or may not fit a graph. */
export const anyCommand: fc.Arbitrary<GraphCommand> = fc.oneof(
  fc.record({ type: fc.constant('addNode' as const), id: nodeId, component: fc.constant('Sink'), metadata: fields }),
  fc.record({ type: fc.constant('removeNode' as const), id: nodeId }),
  fc.record({ type: fc.constant('renameNode' as const), id: nodeId, to: nodeId }),
  fc.record({
    type: fc.constant('moveNode' as const),
    id: nodeId,
    position: fc.record({ x: fc.integer(), y: fc.integer() }),
  }),
  fc.record({ type: fc.constant('setComponent' as const), id: nodeId, component: fc.constantFrom('Source', 'x@y') }),
  fc.record({ type: fc.constant('setConfig' as const), id: nodeId, config: fields }),
  fc.record({ type: fc.constant('setNodeField' as const), id: nodeId, path, value: json }),
  fc.record({ type: fc.constant('setNodeField' as const), id: nodeId, path }),
  fc.record({ type: fc.constant('connect' as const), from: end, to: end, options }),
  fc.record({ type: fc.constant('disconnect' as const), from: end, to: end }),
  fc.record({ type: fc.constant('setWireOptions' as const), from: end, to: end, options }),
  fc.record({ type: fc.constant('setWireField' as const), from: end, to: end, path, value: json }),
  fc.record({ type: fc.constant('addInitial' as const), to: end, message }),
  fc.record({ type: fc.constant('removeInitial' as const), to: end, index }),
  fc.record({ type: fc.constant('setInitial' as const), to: end, index, message }),
  fc.record({
    type: fc.constant('addGroup' as const),
    id: fc.constantFrom(...groupIds),
    nodes: fc.array(nodeId, { maxLength: 3 }),
  }),
  fc.record({ type: fc.constant('removeGroup' as const), id: fc.constantFrom(...groupIds) }),
  fc.record({
    type: fc.constant('renameGroup' as const),
    id: fc.constantFrom(...groupIds),
    to: fc.constantFrom(...groupIds),
  }),
  fc.record({ type: fc.constant('addToGroup' as const), id: fc.constantFrom(...groupIds), nodes: fc.array(nodeId) }),
  fc.record({
    type: fc.constant('removeFromGroup' as const),
    id: fc.constantFrom(...groupIds),
    nodes: fc.array(nodeId),
  }),
  fc.record({ type: fc.constant('setGroupField' as const), id: fc.constantFrom(...groupIds), path, value: json }),
  fc.record({ type: fc.constant('addOuterPort' as const), side, name: fc.constantFrom(...ports), at: end }),
  fc.record({ type: fc.constant('removeOuterPort' as const), side, name: fc.constantFrom(...ports) }),
  fc.record({
    type: fc.constant('renameOuterPort' as const),
    side,
    name: fc.constantFrom(...ports),
    to: fc.constantFrom(...ports),
  }),
  fc.record({
    type: fc.constant('addNote' as const),
    note: fc.record({ id: fc.constantFrom(...noteIds), text: fc.string() }),
  }),
  fc.record({ type: fc.constant('removeNote' as const), id: fc.constantFrom(...noteIds) }),
  fc.record({
    type: fc.constant('setNote' as const),
    id: fc.constantFrom(...noteIds),
    fields: fc.record({ text: fc.string() }),
  }),
  fc.record({ type: fc.constant('setProperty' as const), path, value: json }),
)

/** A small graph in which most commands find something to do. */
export const anyGraph: fc.Arbitrary<GraphExport> = fc
  .record({
    nodes: fc.subarray(nodeIds),
    joins: fc.uniqueArray(fc.tuple(nodeId, nodeId), { maxLength: 6, selector: String }),
    messages: fc.array(fc.tuple(nodeId, json), { maxLength: 3 }),
    metadata: fc.oneof(fc.constant(undefined), fc.constant(null), fields),
    unknown: fields,
    groups: fc.option(fc.subarray(nodeIds), { nil: undefined }),
    exposes: fc.boolean(),
  })
  .map(({ nodes, joins, messages, metadata, unknown, groups, exposes }) => {
    const has = (id: string) => nodes.includes(id)
    const made = graph(
      Object.fromEntries(nodes.map((id) => [id, 'Source'])),
      [
        ...joins.filter(([from, to]) => has(from) && has(to)).map(([from, to]) => wire(`${from}.Out`, `${to}.In`)),
        ...messages.filter(([to]) => has(to)).map(([to, data]) => initial(`${to}.In`, data)),
      ],
      unknown,
    )
    const [first] = nodes
    if (first !== undefined && metadata !== undefined)
      Object.assign(made.processes?.[first] ?? {}, { metadata, scriptRuntime: 'Python' })
    return {
      ...made,
      ...(groups && { groups: [{ id: 'g', nodes: groups.filter(has) }] }),
      ...(exposes &&
        first !== undefined && { inports: { In: { ...wire(`${first}.In`, `${first}.In`).to, expose: true } } }),
      unknownToAll: unknown,
    }
  })

/** A graph as somebody may have laid it out in a file. */
export const anyText: fc.Arbitrary<string> = fc
  .tuple(
    anyGraph,
    fc.constantFrom(undefined, 1, 2, 4, '\t'),
    fc.constantFrom('', '\n', ' \n'),
    fc.boolean(),
    fc.boolean(),
  )
  .map(([made, indent, after, hasMark, isWindows]) => {
    const text = `${JSON.stringify(made, undefined, indent)}${after}`
    return `${hasMark ? '\uFEFF' : ''}${isWindows ? text.replaceAll('\n', '\r\n') : text}`
  })
