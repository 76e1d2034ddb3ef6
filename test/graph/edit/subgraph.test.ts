import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  applyCommands,
  dissolveSubgraph,
  flattenGraph,
  GraphDocument,
  isInitial,
  makeSubgraph,
  outerEnd,
  wireId,
  wiresOf,
} from '../../../src/graph/index.ts'
import type { GraphExport } from '../../../src/shared/index.ts'
import { edge, graph, initial, wire } from '../fixtures.ts'
import { anyGraph, anyText } from './arbitraries.ts'

const component = 'part.graph.json'

const made: GraphExport = {
  ...graph(
    {
      source: ['Source', { position: { x: 0, y: 40 } }],
      clean: ['Clean', { strict: true, position: { x: 200, y: 0 } }],
      count: ['Count', { position: { x: 400, y: 100 } }],
      sink: ['Sink', { position: { x: 600, y: 40 } }],
      log: ['Log', { position: { x: 600, y: 200 } }],
    },
    [
      wire('source.Output', 'clean.Input', { millrace: { capacity: 5, policy: 'drop-oldest' } }),
      wire('clean.Output', 'count.Input', { millrace: { capacity: 7 } }),
      wire('count.Output', 'sink.Input'),
      wire('clean.Output', 'log.Input'),
      wire('count.Log', 'log.Input'),
      initial('clean.Limit', 3),
      initial('sink.Input', 'first'),
      wire('source.Output', 'count.Input'),
    ],
    {
      millrace: {
        initials: [{ node: 'count', port: 'Any', message: { type: 'Flow' } }],
        notes: [
          { id: 'n', text: 'cleans', position: { x: 210, y: -40 } },
          { id: 'm', text: 'far away', position: { x: 0, y: 400 } },
        ],
      },
    },
  ),
  groups: [
    { id: 'pair', nodes: ['clean', 'count'] },
    { id: 'most', nodes: ['source', 'clean', 'count'] },
    { id: 'torn', nodes: ['count', 'sink'] },
  ],
  inports: { Raw: { ...edge('clean', 'Raw'), portName: 'Input' } },
}

const wires = (value: GraphExport) => wiresOf(value).map(({ from, to }) => wireId(from, to))
const edited = (value: GraphExport, { command }: ReturnType<typeof dissolveSubgraph>) =>
  applyCommands(value, [command]).graph
const flat = (outer: GraphExport, inner: GraphExport) =>
  flattenGraph({ key: 'outer', graph: outer }, (name) => ({ key: name, graph: inner }))

/** What a graph is when it runs: names without the subgraph's, no places, and order only where it matters, among the initial messages of a port. */
function running(value: GraphExport, id: string) {
  const plain = (name: string) => (name.startsWith(`${id}/`) ? name.slice(id.length + 1) : name)
  const end = ({ node, port }: { node: string; port: string }) => `${plain(node)}.${port}`
  const sorted = (texts: string[]) => texts.toSorted()
  const nodes = Object.entries(value.processes ?? {}).map(([name, { id: _id, metadata, ...rest }]) => {
    const { position: _position, ...settings } = metadata ?? {}
    return JSON.stringify([plain(name), rest, settings])
  })
  const joins = (value.connections ?? [])
    .filter((connection) => !isInitial(connection))
    .map(({ from, to, metadata }) =>
      JSON.stringify([
        end({ node: from.nodeId, port: from.portId }),
        end({ node: to.nodeId, port: to.portId }),
        metadata,
      ]),
    )
  const messages = new Map<string, unknown[]>()
  for (const { to, data, metadata } of (value.connections ?? []).filter(isInitial)) {
    const port = end({ node: to.nodeId, port: to.portId })
    messages.set(port, [...(messages.get(port) ?? []), [data, metadata]])
  }
  const outer = (side: 'inports' | 'outports') =>
    Object.entries(value[side] ?? {}).map(([name, port]) => `${name} ${end(outerEnd(port))}`)
  return {
    nodes: sorted(nodes),
    wires: sorted(joins),
    messages: sorted([...messages].map((entry) => JSON.stringify(entry))),
    outer: [sorted(outer('inports')), sorted(outer('outports'))],
  }
}

describe('a subgraph made of nodes', () => {
  const request = { nodes: ['count', 'clean'], notes: ['n'], id: 'tidy', component }

  it('takes along what is among them, and exposes what was wired across, under names of its own', () => {
    const { inner, command, ids } = makeSubgraph(made, request)
    expect(ids).toEqual(['tidy'])
    expect(inner).toEqual({
      caseSensitive: true,
      properties: {
        name: 'tidy',
        millrace: {
          initials: [{ node: 'count', port: 'Any', message: { type: 'Flow' } }],
          notes: [{ id: 'n', text: 'cleans', position: { x: 10, y: -40 } }],
        },
      },
      processes: {
        clean: { id: 'clean', component: 'Clean', metadata: { strict: true, position: { x: 0, y: 0 } } },
        count: { id: 'count', component: 'Count', metadata: { position: { x: 200, y: 100 } } },
      },
      connections: [wire('clean.Output', 'count.Input', { millrace: { capacity: 7 } }), initial('clean.Limit', 3)],
      inports: { clean_Input: edge('clean', 'Input'), count_Input: edge('count', 'Input') },
      outports: {
        Log: edge('count', 'Log'),
        count_Output: edge('count', 'Output'),
        clean_Output: edge('clean', 'Output'),
      },
      groups: [{ id: 'pair', nodes: ['clean', 'count'] }],
    })
    const outer = applyCommands(made, [command]).graph
    expect(outer).toEqual({
      ...made,
      properties: { name: 'test', millrace: { notes: [{ id: 'm', text: 'far away', position: { x: 0, y: 400 } }] } },
      processes: {
        source: made.processes?.['source'],
        tidy: { id: 'tidy', component, metadata: { position: { x: 300, y: 50 } } },
        sink: made.processes?.['sink'],
        log: made.processes?.['log'],
      },
      connections: [
        wire('source.Output', 'tidy.clean_Input', { millrace: { capacity: 5, policy: 'drop-oldest' } }),
        wire('tidy.count_Output', 'sink.Input'),
        wire('tidy.clean_Output', 'log.Input'),
        wire('tidy.Log', 'log.Input'),
        initial('sink.Input', 'first'),
        wire('source.Output', 'tidy.count_Input'),
      ],
      groups: [
        { id: 'most', nodes: ['source', 'tidy'] },
        { id: 'torn', nodes: ['sink'] },
      ],
      inports: { Raw: { ...edge('tidy', 'Raw'), portName: 'clean_Input' } },
    })
    expect(Object.keys(outer.processes ?? {})).toEqual(['source', 'tidy', 'sink', 'log'])
  })

  it('gives way to what is inside it again, with nothing but the torn group left behind', () => {
    const { inner, command } = makeSubgraph(made, request)
    const outer = applyCommands(made, [command]).graph
    const back = edited(outer, dissolveSubgraph(outer, { id: 'tidy', inner }))
    expect(back.processes).toEqual(made.processes)
    expect(wires(back).toSorted()).toEqual(wires(made).toSorted())
    expect(back.inports).toEqual(made.inports)
    expect(back.groups).toEqual([
      { id: 'most', nodes: ['source', 'clean', 'count'] },
      { id: 'torn', nodes: ['sink'] },
      { id: 'pair', nodes: ['clean', 'count'] },
    ])
    expect(back.properties).toEqual({
      name: 'test',
      millrace: {
        notes: [
          { id: 'm', text: 'far away', position: { x: 0, y: 400 } },
          { id: 'n', text: 'cleans', position: { x: 210, y: -40 } },
        ],
        initials: [{ node: 'count', port: 'Any', message: { type: 'Flow' } }],
      },
    })
  })

  it('may have the name of one of its nodes, and no other', () => {
    const { command, inner } = makeSubgraph(made, { ...request, id: 'clean' })
    const outer = applyCommands(made, [command]).graph
    expect(Object.keys(outer.processes ?? {})).toEqual(['source', 'clean', 'sink', 'log'])
    expect(running(flat(outer, inner), 'clean')).toEqual(running(made, 'clean'))
    const refusal = (wrong: Partial<typeof request>) => () => makeSubgraph(made, { ...request, ...wrong })
    expect(refusal({ id: 'sink' })).toThrow(expect.objectContaining({ code: 'NODE_DUPLICATE' }))
    expect(refusal({ id: '' })).toThrow(expect.objectContaining({ code: 'NAME_INVALID' }))
    expect(refusal({ id: '__proto__' })).toThrow(expect.objectContaining({ code: 'NAME_INVALID' }))
    expect(refusal({ nodes: [] })).toThrow(expect.objectContaining({ code: 'EDIT_INVALID' }))
    expect(refusal({ nodes: ['clear'] })).toThrow('did you mean "clean"?')
    expect(refusal({ notes: ['x'] })).toThrow(expect.objectContaining({ code: 'NOTE_UNKNOWN' }))
  })

  it('lets nodes that keep their states find them again, in and out', () => {
    const kept = graph({ a: ['Counter', { millrace: { persist: true } }], b: 'Sink' }, [wire('a.Output', 'b.Input')])
    const { inner, command } = makeSubgraph(kept, { nodes: ['a'], id: 's', component, keepStates: true })
    expect(inner.processes?.['a']?.metadata).toEqual({ millrace: { persist: { as: 'a' } } })
    const outer = applyCommands(kept, [command]).graph
    const back = edited(outer, dissolveSubgraph(outer, { id: 's', inner, keepStates: true }))
    expect(back).toEqual(kept)
    const drawn = { ...inner, processes: kept.processes ?? {} }
    expect(edited(outer, dissolveSubgraph(outer, { id: 's', inner: drawn, keepStates: true })).processes).toMatchObject(
      {
        a: { metadata: { millrace: { persist: { as: 's/a' } } } },
      },
    )
  })

  it('is what other graphs were offered by its nodes', () => {
    const offering = {
      ...made,
      providedInterfaces: { Counts: { interfaceId: 'counts', processName: 'count', portName: 'Output' } },
      externalConnections: [
        { targetGraph: 'other', fromProcess: 'clean', fromPort: 'Output', toProcess: 'x', toPort: 'In' },
      ],
    }
    const { inner, command } = makeSubgraph(offering, request)
    const outer = applyCommands(offering, [command]).graph
    expect(outer['providedInterfaces']).toEqual({
      Counts: { interfaceId: 'counts', processName: 'tidy', portName: 'count_Output' },
    })
    expect(outer['externalConnections']).toMatchObject([{ fromProcess: 'tidy', fromPort: 'clean_Output' }])
    const back = edited(outer, dissolveSubgraph(outer, { id: 'tidy', inner }))
    expect(back['providedInterfaces']).toEqual(offering.providedInterfaces)
    expect(back['externalConnections']).toEqual(offering.externalConnections)
  })

  it('runs as its nodes did, whatever they are, and so does what it gives way to', () => {
    fc.assert(
      fc.property(anyGraph, fc.infiniteStream(fc.boolean()), fc.constantFrom('s', 'a'), (value, coin, wanted) => {
        const nodes = Object.keys(value.processes ?? {}).filter(() => coin.next().value)
        fc.pre(nodes.length > 0)
        const id = nodes.includes(wanted) ? wanted : 's'
        const { inner, command } = makeSubgraph(value, { nodes, id, component })
        const outer = applyCommands(value, [command]).graph
        expect(running(flat(outer, inner), id)).toEqual(running(value, id))
        const back = edited(outer, dissolveSubgraph(outer, { id, inner }))
        expect(running(back, id)).toEqual(running(value, id))
        expect(Object.keys(back).toSorted()).toEqual(
          [...new Set([...Object.keys(value), ...(inner.groups ? ['groups'] : [])])].toSorted(),
        )
      }),
    )
  })

  it('is one step, which an undo takes back to the letter', () => {
    fc.assert(
      fc.property(anyText, fc.infiniteStream(fc.boolean()), (text, coin) => {
        const document = new GraphDocument(text, 'any.graph.json')
        const nodes = Object.keys(document.graph.processes ?? {}).filter(() => coin.next().value)
        fc.pre(nodes.length > 0)
        const { inner, command, ids } = makeSubgraph(document.graph, { nodes, id: 'sub', component })
        document.edit(command)
        expect(document.undoName).toBe('make subgraph sub')
        const between = document.text()
        document.edit(dissolveSubgraph(document.graph, { id: ids[0] ?? '', inner }).command)
        expect(document.undoName).toBe('dissolve subgraph sub')
        document.undo()
        expect(document.text()).toBe(between)
        document.undo()
        expect(document.text()).toBe(text)
      }),
    )
  })
})

describe('a subgraph that is dissolved', () => {
  const inner: GraphExport = {
    ...graph(
      { sink: ['Sink', { position: { x: 1000, y: 0 } }], deep: ['deep.graph.json', { position: { x: 1200, y: 100 } }] },
      [wire('sink.Output', 'deep.Input'), initial('sink.Input', 'inner')],
      { millrace: { notes: [{ id: 'm', text: 'inside', position: { x: 1100, y: 0 } }] } },
    ),
    inports: {
      In: edge('sink', 'Input'),
      Same: { ...edge('sink', 'Same'), portName: 'Input' },
      Lost: edge('gone', 'x'),
    },
    outports: { Out: edge('deep', 'Output') },
    groups: [{ id: 'pair', nodes: ['sink', 'deep'] }],
  }
  const outer: GraphExport = {
    ...made,
    processes: { ...made.processes, sub: { id: 'sub', component, metadata: { position: { x: 800, y: 100 } } } },
    connections: [...(made.connections ?? []), wire('source.Output', 'sub.In'), wire('sub.Out', 'log.Input')],
    groups: [...(made.groups ?? []), { id: 'around', nodes: ['log', 'sub'] }],
  }

  it('gives its nodes names that are free, and their places to each other', () => {
    const edit = dissolveSubgraph(outer, { id: 'sub', inner, nameFile: (name) => `parts/${name}` })
    expect(edit.ids).toEqual(['sink_2', 'deep'])
    const value = edited(outer, edit)
    expect(value.processes?.['sink_2']?.metadata).toEqual({ position: { x: 700, y: 50 } })
    expect(value.processes?.['deep']).toEqual({
      id: 'deep',
      component: 'parts/deep.graph.json',
      metadata: { position: { x: 900, y: 150 } },
    })
    expect(wires(value).slice(-3)).toEqual([
      'source.Output -> sink_2.Input',
      'deep.Output -> log.Input',
      'sink_2.Output -> deep.Input',
    ])
    expect(value.groups?.slice(-3)).toEqual([
      { id: 'torn', nodes: ['count', 'sink'] },
      { id: 'around', nodes: ['log', 'sink_2', 'deep'] },
      { id: 'pair_2', nodes: ['sink_2', 'deep'] },
    ])
    expect(value.properties['millrace']).toMatchObject({
      notes: [{ id: 'n' }, { id: 'm' }, { id: 'm_2', text: 'inside', position: { x: 800, y: 50 } }],
    })
  })

  it('is left where it cannot be, with the reason', () => {
    const refusal = (more: GraphExport['connections'], id = 'sub') =>
      expect(() =>
        dissolveSubgraph({ ...outer, connections: [...(outer.connections ?? []), ...(more ?? [])] }, { id, inner }),
      )
    refusal([wire('source.Output', 'sub.Same')]).toThrow(
      'with "sub" dissolved there would be two wires source.Output -> sink_2.Input',
    )
    refusal([wire('source.Output', 'sub.Same')]).toThrow(expect.objectContaining({ code: 'WIRE_DUPLICATE' }))
    refusal([wire('source.Output', 'sub.Im')]).toThrow('the graph of "sub" exposes no inport "Im"; did you mean "In"?')
    refusal([wire('source.Output', 'sub.Lost')]).toThrow(expect.objectContaining({ code: 'NODE_UNKNOWN' }))
    refusal([], 'sink').toThrow('"sink" is no subgraph: it is a use of Sink')
    refusal([], 'subs').toThrow('did you mean "sub"?')
  })
})
