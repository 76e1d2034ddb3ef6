import { describe, expect, it } from 'vitest'
import { checkGraph, type GraphContext } from '../../src/graph/index.ts'
import type { GraphExport } from '../../src/shared/index.ts'
import { catalogue, graph, initial, wire } from './fixtures.ts'

const source: [string, Record<string, unknown>] = ['Source', { mode: 'fast' }]

function found(made: GraphExport, context?: GraphContext): string[] {
  return checkGraph(made, undefined, catalogue, context).map(
    ({ code, severity, pointer, message }) => `${severity} ${code} ${pointer} ${message}`,
  )
}

describe('checkGraph', () => {
  it('finds nothing in a good graph', () => {
    const made = graph({ a: source, b: 'Sink' }, [
      wire('a.Output', 'b.Input', { millrace: { capacity: 3 } }),
      wire('a.Count', 'b.Ratio'),
      wire('a.Count', 'b.Any'),
      initial('a.Scale', 2),
    ])
    expect(found(made)).toEqual([])
  })

  it('suggests the name that was probably meant', () => {
    const made = graph({ a: 'Sourc', b: 'Sink' }, [wire('a.Output', 'b.input'), wire('a.Output', 'c.Input')])
    expect(found(made)).toEqual([
      'error ACTOR_UNKNOWN /processes/a/component no actor is called "Sourc"; did you mean "Source"?',
      'error PORT_UNKNOWN /connections/0/to/portId node "b" has no inport "input"; did you mean "Input"?',
      expect.stringMatching(/^error NODE_UNKNOWN \/connections\/1\/to\/nodeId there is no node "c"/),
    ])
  })

  it('lists the actors there are when none is near', () => {
    expect(found(graph({ a: 'Zebra' }))[0]).toBe(
      'error ACTOR_UNKNOWN /processes/a/component no actor is called "Zebra"; there are Front, Shared, Sink, Source',
    )
  })

  it('warns of keys of a connection that nothing reads', () => {
    const made = graph({ a: source, b: 'Sink' }, [wire('a.Output', 'b.Input', { millrace: { capcity: 3 }, note: 1 })])
    expect(found(made)).toEqual([
      'warning KEY_UNKNOWN /connections/0/metadata/millrace/capcity unknown key "capcity"; did you mean "capacity"?',
    ])
  })

  it('knows what a wire may promise on a link, and that only a link keeps such a promise', () => {
    const made = graph({ a: source, b: 'Sink', c: 'sink@other' }, [
      wire('a.Output', 'c.Input', { millrace: { delivery: 'latest' } }),
      wire('a.Count', 'c.Any', { millrace: { delivery: 'newest' } }),
      wire('a.Output', 'b.Input', { millrace: { delivery: 'at-most-once' } }),
    ])
    expect(found(made)).toEqual([
      'error CONFIG_INVALID /connections/1/metadata/millrace/delivery a.Count -> c.Any: delivery: expected one of reliable, at-most-once, latest',
      'warning CONFIG_INVALID /connections/2/metadata/millrace/delivery a.Output -> b.Input crosses no link, so its delivery "at-most-once" does nothing; set "policy" for what happens when it is full',
    ])
  })

  it('lists the ports there are when none is near', () => {
    const made = graph({ a: source, b: 'Sink', c: 'Sink' }, [wire('a.Elsewhere', 'b.Input'), wire('b.Output', 'c.Any')])
    expect(found(made)).toEqual([
      'error PORT_UNKNOWN /connections/0/from/portId node "a" has no outport "Elsewhere"; it has Output, Count',
      'error PORT_UNKNOWN /connections/1/from/portId node "b" has no outport "Output"; it has none',
    ])
  })

  it('does not take an inherited name for a port', () => {
    expect(found(graph({ a: source, b: 'Sink' }, [wire('a.toString', 'b.Input')]))[0]).toContain('PORT_UNKNOWN')
  })

  it('finds wires that are there twice, kinds that do not fit and capacities that are none', () => {
    const made = graph({ a: source, b: 'Sink' }, [
      wire('a.Count', 'b.Text'),
      wire('a.Count', 'b.Text'),
      wire('a.Output', 'b.Input', { millrace: { capacity: 0 } }),
    ])
    expect(found(made).map((line) => line.split(' ').slice(0, 3).join(' '))).toEqual([
      'error KIND_MISMATCH /connections/0',
      'error WIRE_DUPLICATE /connections/1',
      'error KIND_MISMATCH /connections/1',
      'error CONFIG_INVALID /connections/2/metadata/millrace/capacity',
    ])
  })

  it('checks initial messages wherever they stand', () => {
    const made = graph(
      { a: source, b: 'Sink' },
      [
        wire('a.Output', 'b.Input'),
        initial('x.Trigger', true),
        initial('b.Text', 5),
        initial('b.Ratio', 'many', { millrace: { kind: 'float' } }),
        initial('b.Ratio', 1, { millrace: { kind: 'number' } }),
        initial('b.Any'),
        { ...wire('a.Output', 'b.Any'), data: 1 },
      ],
      {
        millrace: { initials: [{ node: 'b', port: 'Text', message: { type: 'Integer', data: '12' } }, { node: 'b' }] },
      },
    )
    expect(found(made).map((line) => line.split(' ').slice(1, 3).join(' '))).toEqual([
      'INITIAL_DANGLING /connections/1/to/nodeId',
      'KIND_MISMATCH /connections/2',
      'MESSAGE_INVALID /connections/3',
      'MESSAGE_INVALID /connections/4/metadata/millrace/kind',
      'MESSAGE_INVALID /connections/5',
      'FILE_INVALID /connections/6',
      'KIND_MISMATCH /properties/millrace/initials/0/message',
      'MESSAGE_INVALID /properties/millrace/initials/1',
    ])
  })

  it.each([
    [{ mode: 'fast', everyMs: 0 }, 'error', 'everyMs: expected at least 1, found 0'],
    [{ mode: 'fast', everyMs: '20' }, 'error', 'everyMs: expected a number, found "20"'],
    [{ mode: 'quick' }, 'error', 'mode: expected one of "fast", "slow", found "quick"'],
    [{}, 'error', 'mode: is missing'],
    [{ mode: 'fast', names: [] }, 'error', 'names: expected a list whose length is at least 1, found 0'],
    [
      { mode: 'fast', names: ['a', 'too long'] },
      'error',
      'names.1: expected a text whose length is at most 5, found 8',
    ],
    [{ mode: 'fast', limit: 0 }, 'error', 'limit: expected more than 0, found 0, or "none"'],
    [{ mode: 'fast', everyMS: 5 }, 'warning', 'everyMS: the actor has no field "everyMS"; did you mean "everyMs"?'],
  ])('checks the config %j', (config, severity, message) => {
    const lines = found(graph({ a: ['Source', config], b: 'Sink' }, [wire('a.Output', 'b.Input')]))
    expect(lines).toEqual([expect.stringContaining(`${severity} CONFIG_INVALID`)])
    expect(lines[0]).toContain(`node "a", ${message}`)
  })

  it('warns of nodes that nothing is wired to, and of groups that name none', () => {
    const made = graph({ a: source, b: 'Sink' })
    made.groups = [{ id: 'g', nodes: ['a', 'z'] }]
    made.inports = { trigger: { ...wire('.', 'a.Trigger').to } }
    expect(found(made).map((line) => line.split(' ').slice(0, 3).join(' '))).toEqual([
      'warning NODE_UNKNOWN /groups/0/nodes/1',
      'warning NODE_ORPHAN /processes/b',
    ])
  })

  it('says line and column when it has the text', () => {
    const made = graph({ a: 'Nothing', b: 'Sink' }, [wire('a.Output', 'b.Input')])
    const text = JSON.stringify(made, undefined, 2)
    const [finding] = checkGraph(made, text, catalogue)
    const row = text.split('\n')[(finding?.line ?? 0) - 1] ?? ''
    expect(row.slice((finding?.column ?? 0) - 1)).toMatch(/^"Nothing"/)
  })

  it('warns of whole numbers that would change when the file is saved', () => {
    const text = JSON.stringify(graph({ b: 'Sink' }, [initial('b.Any', 1)])).replace(
      '"data":1',
      '"data":12345678901234567890',
    )
    const findings = checkGraph(graph({ b: 'Sink' }, [initial('b.Any', 1)]), text, catalogue)
    expect(findings).toEqual([
      expect.objectContaining({ severity: 'warning', pointer: '/connections/0/data', line: 1 }),
    ])
  })
})

describe('checkGraph with the lab around it', () => {
  const peer = graph({ out: source })
  const own = (component: string) => graph({ far: component, b: 'Sink' }, [wire('far.Output', 'b.Input')])
  function context(
    change: { peers?: { endpoint: string }[]; exports?: string[] } = {},
    env?: Record<string, string>,
  ): GraphContext {
    const instance = {
      networkId: 'ml',
      instanceId: '1',
      graph: 'own',
      peers: change.peers ?? [{ endpoint: 'localhost:9001' }],
    }
    const data = {
      networkId: 'data',
      instanceId: '1',
      bindPort: 9001,
      graph: 'peer',
      exports: change.exports ?? ['out'],
    }
    return { instance, lab: { millrace: 1, instances: [data, instance] }, graphs: { peer }, ...(env && { env }) }
  }

  it('finds nothing when the peer is linked and exports the node', () => {
    expect(found(own('out@data'), context())).toEqual([])
  })

  it('knows the ports of a node of a peer', () => {
    const made = graph({ far: 'out@data', b: 'Sink' }, [wire('far.Count', 'b.Text'), wire('far.Outpt', 'b.Any')])
    expect(found(made, context()).map((line) => line.split(' ')[1])).toEqual(['KIND_MISMATCH', 'PORT_UNKNOWN'])
  })

  it.each([
    [
      'out@data',
      { peers: [] },
      'error PEER_UNKNOWN /processes/far/component "ml" and "data" are not linked; add {"endpoint": "127.0.0.1:9001"}',
    ],
    ['out@data', { exports: [] }, 'error NOT_EXPORTED /processes/far/component "data" does not export "out"'],
    ['outt@data', {}, 'error NODE_UNKNOWN /processes/far/component "data" has no node "outt"; did you mean "out"?'],
    [
      'out@datta',
      {},
      'warning PEER_UNKNOWN /processes/far/component no other instance of this lab is of the network "datta"; did you mean "data"?',
    ],
    [
      'out@elsewhere',
      { peers: [{ endpoint: 'localhost:9001' }, { endpoint: '10.0.0.1:9001' }] },
      'note PEER_UNKNOWN /processes/far/component no other instance of this lab is of the network "elsewhere"; the peer 10.0.0.1:9001 has to be',
    ],
    [
      'out@elsewhere',
      {},
      'warning PEER_UNKNOWN /processes/far/component no other instance of this lab is of the network "elsewhere"; it will wait',
    ],
  ])('tells what is wrong with %s when %j', (component, change, message) => {
    expect(found(own(component), context(change)).filter((line) => line.startsWith(message))).toHaveLength(1)
  })

  it('warns of environment variables that are not set, and refuses rules it does not know', () => {
    const made = graph(
      { b: ['Sink', { env_vars: { KEY: 'required', SET: 'required', A: 'optional', B: 'optional:x', C: 'maybe' } }] },
      [initial('b.Any', 1)],
    )
    expect(found(made, context({}, { SET: '1' })).map((line) => line.split(' ').slice(0, 3).join(' '))).toEqual([
      'warning ENV_MISSING /processes/b/metadata/env_vars/KEY',
      'error CONFIG_INVALID /processes/b/metadata/env_vars/C',
    ])
  })
})
