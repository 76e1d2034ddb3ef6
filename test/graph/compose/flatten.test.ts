import { describe, expect, it } from 'vitest'
import { flattenGraph, initialsOf, nodesOf, wiresOf, wireId, type GraphSource } from '../../../src/graph/index.ts'
import type { GraphExport } from '../../../src/shared/index.ts'
import { edge, graph, initial, wire } from '../fixtures.ts'

function exposing(made: GraphExport, inports: Record<string, string>, outports: Record<string, string>): GraphExport {
  const edges = (ports: Record<string, string>) =>
    Object.fromEntries(
      Object.entries(ports).map(([name, end]) => {
        const [node = '', port = ''] = end.split('.')
        // As Reflow writes it: portId is the exposed name, portName the node's port.
        return [name, { ...edge(node, name), portName: port }]
      }),
    )
  return { ...made, inports: edges(inports), outports: edges(outports) }
}

function files(graphs: Record<string, GraphExport>) {
  return (component: string): GraphSource => {
    const found = graphs[component]
    if (!found) throw new Error(`no ${component}`)
    return { key: component, graph: found }
  }
}

const twice = exposing(
  graph({ first: ['Pass', { gain: 1, position: { x: 5, y: 6 } }], second: 'Pass' }, [
    wire('first.Out', 'second.In', { millrace: { capacity: 3 } }),
    initial('second.In', 'hello'),
  ]),
  { In: 'first.In' },
  { Out: 'second.Out' },
)

describe('flattenGraph', () => {
  it('answers a graph without graphs inside as it is', () => {
    const flat = graph({ a: 'Pass' })
    expect(flattenGraph({ key: 'a', graph: flat }, files({}))).toBe(flat)
  })

  it('lays a graph inside open: nodes, wires with their options, initial messages, a group', () => {
    const outer = graph({ s: 'Source', t: ['twice.graph.json', { position: { x: 100, y: 200 } }], k: 'Sink' }, [
      wire('s.Output', 't.In', { millrace: { capacity: 9 } }),
      wire('t.Out', 'k.Any'),
      initial('t.In', 7),
    ])
    const flat = flattenGraph({ key: 'outer', graph: outer }, files({ 'twice.graph.json': twice }))
    expect(nodesOf(flat).map(({ id }) => id)).toEqual(['s', 't/first', 't/second', 'k'])
    expect(wiresOf(flat).map(({ from, to, capacity }) => `${wireId(from, to)} ${capacity}`)).toEqual([
      's.Output -> t/first.In 9',
      't/second.Out -> k.Any undefined',
      't/first.Out -> t/second.In 3',
    ])
    expect(initialsOf(flat).map(({ to, value }) => [to.node, to.port, value])).toEqual([
      ['t/first', 'In', 7],
      ['t/second', 'In', 'hello'],
    ])
    expect(flat.groups).toEqual([{ id: 't', nodes: ['t/first', 't/second'] }])
    expect(flat.processes?.['t/first']?.metadata).toEqual({ gain: 1, position: { x: 105, y: 206 } })
    expect(outer.processes?.['t']?.component).toBe('twice.graph.json')
  })

  it('goes through several levels, and wires graph to graph', () => {
    const four = exposing(
      graph({ a: 'twice.graph.json', b: 'twice.graph.json' }, [wire('a.Out', 'b.In')]),
      { In: 'a.In' },
      { Out: 'b.Out' },
    )
    const outer = graph({ x: 'four.graph.json', y: 'four.graph.json' }, [wire('x.Out', 'y.In'), wire('y.Out', 'x.In')])
    const flat = flattenGraph(
      { key: 'outer', graph: outer },
      files({ 'twice.graph.json': twice, 'four.graph.json': four }),
    )
    expect(nodesOf(flat)).toHaveLength(8)
    expect(wiresOf(flat).map(({ from, to }) => wireId(from, to))).toContain('x/b/second.Out -> y/a/first.In')
    expect(flat.groups?.map(({ id, nodes }) => [id, nodes.length])).toContainEqual(['x/a', 2])
  })

  it('keeps what the outer graph exposes of an inner one', () => {
    const outer = exposing(graph({ t: 'twice.graph.json' }), { Entry: 't.In' }, { Exit: 't.Out' })
    const flat = flattenGraph({ key: 'outer', graph: outer }, files({ 'twice.graph.json': twice }))
    expect(flat.inports?.['Entry']).toMatchObject({ nodeId: 't/first', portId: 'In' })
    expect(flat.outports?.['Exit']).toMatchObject({ nodeId: 't/second', portId: 'Out' })
  })

  it('keeps initial messages that JSON cannot hold', () => {
    const bytes = { node: 'first', port: 'In', message: { type: 'Stream', data: 'AQI=' } }
    const inner = { ...twice, properties: { name: 'twice', millrace: { initials: [bytes] } } }
    const outer = graph({ t: 'twice.graph.json' }, [], {
      millrace: { initials: [{ node: 't', port: 'In', message: { type: 'Optional', data: null } }] },
    })
    const flat = flattenGraph({ key: 'outer', graph: outer }, files({ 'twice.graph.json': inner }))
    expect((flat.properties['millrace'] as { initials: unknown }).initials).toEqual([
      { node: 't/first', port: 'In', message: { type: 'Optional', data: null } },
      { ...bytes, node: 't/first' },
    ])
  })

  it('refuses a graph that contains itself, naming it', () => {
    const inner = graph({ back: 'b.graph.json' })
    const resolve = files({ 'a.graph.json': graph({ n: 'b.graph.json' }), 'b.graph.json': inner })
    const outer = { key: 'outer', graph: graph({ n: 'a.graph.json' }) }
    expect(() => flattenGraph(outer, resolve)).toThrow(
      expect.objectContaining({
        code: 'SUBGRAPH_CYCLE',
        message: expect.stringContaining('b.graph.json is inside itself'),
      }),
    )
  })

  it('refuses a port that the inner graph does not expose, and suggests one', () => {
    const outer = graph({ s: 'Source', t: 'twice.graph.json' }, [wire('s.Output', 't.in')])
    expect(() => flattenGraph({ key: 'outer', graph: outer }, files({ 'twice.graph.json': twice }))).toThrow(
      'the graph "t" exposes no inport "in"; did you mean "In"?',
    )
  })

  it('refuses graphs that multiply beyond measure, without building them', () => {
    const levels = Object.fromEntries(
      Array.from({ length: 40 }, (_, level) => [
        `${level}.graph.json`,
        level === 0
          ? graph({ a: 'Pass' })
          : graph({ a: `${level - 1}.graph.json`, b: `${level - 1}.graph.json`, c: `${level - 1}.graph.json` }),
      ]),
    )
    expect(() => flattenGraph({ key: 'top', graph: levels['39.graph.json'] ?? graph({}) }, files(levels))).toThrow(
      expect.objectContaining({ code: 'FILE_INVALID' }),
    )
  })
})
