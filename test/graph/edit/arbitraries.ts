import * as fc from 'fast-check'
import type { GraphCommand, GraphExport, WireEnd } from '../../../src/shared/index.ts'
import { graph, initial, wire } from '../fixtures.ts'

// Few names, so that most commands find what they are about: a property over edits that are all refused says nothing.
const nodeIds = ['a', 'b', 'd_2', '7', 'ünï and space']
const ports = ['In', 'Out']
const groupIds = ['g', 'h']
const noteIds = ['n', 'm']

const nodeId = fc.constantFrom('a', 'b', 'a', 'b', ...nodeIds)
const end: fc.Arbitrary<WireEnd> = fc.record({ node: nodeId, port: fc.constantFrom(...ports) })
/** The ends of a wire that is often there. */
const wired = fc.constantFrom('a', 'b', 'a', 'b', 'a', 'b', 'd_2', '7')
const outgoing: fc.Arbitrary<WireEnd> = fc.record({ node: wired, port: fc.constantFrom('Out', 'Out', 'Out', 'In') })
const incoming: fc.Arbitrary<WireEnd> = fc.record({ node: wired, port: fc.constantFrom('In', 'In', 'In', 'Out') })
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
const index = fc.constantFrom(0, 0, 0, 1, 2)

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
  fc.record({ type: fc.constant('connect' as const), from: outgoing, to: incoming, options }),
  fc.record({ type: fc.constant('disconnect' as const), from: outgoing, to: incoming }),
  fc.record({ type: fc.constant('setWireOptions' as const), from: outgoing, to: incoming, options }),
  fc.record({ type: fc.constant('setWireField' as const), from: outgoing, to: incoming, path, value: json }),
  fc.record({ type: fc.constant('addInitial' as const), to: incoming, message }),
  fc.record({ type: fc.constant('removeInitial' as const), to: incoming, index }),
  fc.record({ type: fc.constant('setInitial' as const), to: incoming, index, message }),
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
    nodes: fc.oneof(
      { weight: 1, arbitrary: fc.subarray(nodeIds) },
      { weight: 4, arbitrary: fc.subarray(nodeIds.slice(2)).map((others) => ['a', 'b', ...others]) },
    ),
    joins: fc.uniqueArray(fc.tuple(wired, wired), { minLength: 2, maxLength: 8, selector: String }),
    messages: fc.array(fc.tuple(wired, json), { minLength: 1, maxLength: 5 }),
    hasNote: fc.boolean(),
    metadata: fc.oneof(fc.constant(undefined), fc.constant(null), fields),
    unknown: fields,
    groups: fc.option(fc.subarray(nodeIds), { nil: undefined }),
    exposes: fc.boolean(),
  })
  .map(({ nodes, joins, messages, metadata, unknown, groups, exposes, hasNote }) => {
    const has = (id: string) => nodes.includes(id)
    const made = graph(
      Object.fromEntries(nodes.map((id) => [id, 'Source'])),
      [
        ...joins.filter(([from, to]) => has(from) && has(to)).map(([from, to]) => wire(`${from}.Out`, `${to}.In`)),
        ...messages.filter(([to]) => has(to)).map(([to, data]) => initial(`${to}.In`, data)),
      ],
      { ...unknown, ...(hasNote && { millrace: { notes: [{ id: 'n', text: 'seen' }] } }) },
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
