import { describe, expect, it } from 'vitest'
import { hasInside, innerInstance } from '../../src/renderer/view/inner-graph.ts'
import {
  innerName,
  innerPlace,
  runningEnds,
  runningSelected,
  selectedInside,
} from '../../src/renderer/view/inner-place.ts'
import { pathBetween } from '../../src/renderer/view/actor-choice.ts'
import { rolledUp, rolledUpRates } from '../../src/renderer/view/roll-up.ts'
import { runningWire } from '../../src/renderer/view/running-wire.ts'
import type { InstanceDescription, NodeSnapshot, WireSnapshot } from '../../src/shared/index.ts'

const end = (text: string) => {
  const at = text.lastIndexOf('.')
  return { node: text.slice(0, at), port: text.slice(at + 1) }
}
const wire = (from: string, to: string, accepted = 0): WireSnapshot => ({
  id: `${from} -> ${to}`,
  from: end(from),
  to: end(to),
  queued: 0,
  queuedBytes: 0,
  capacity: 10,
  highWater: 0,
  accepted,
  dropped: 0,
})
const node = (id: string, state: NodeSnapshot['state'], errors = 0): NodeSnapshot => ({
  id,
  component: 'X',
  role: 'local',
  state,
  received: 0,
  sent: 0,
  errors,
  deadLetters: 0,
  queued: 1,
  outbox: 0,
  busyMs: 5,
  blockedMs: 0,
  gauges: {},
})
const wires = [
  wire('ticks.Out', 'outer/half.In', 70),
  wire('outer/half.Out', 'outer/deep/a.In', 60),
  wire('outer/deep/a.Out', 'outer/deep/b.In', 55),
  wire('outer/deep/b.Out', 'show.In', 50),
]
const nodes = [
  node('ticks', 'idle'),
  node('outer/half', 'running', 2),
  node('outer/deep/a', 'blocked'),
  node('outer/deep/b', 'idle', 1),
  node('show', 'idle'),
]
const instance = {
  instance: 'a/1',
  exports: [],
  nodes: nodes.map(({ id }) => ({ id, component: 'X', role: 'local', inports: ['In'], outports: ['Out'] })),
  wires,
} as unknown as InstanceDescription

describe('a node that is a graph of its own', () => {
  it('shows what is inside, and what lies deeper as one node', () => {
    expect(hasInside(instance, 'outer')).toBe(true)
    expect(hasInside(instance, 'ticks')).toBe(false)
    const { nodes: inner, wires: within } = innerInstance(instance, ['outer'])
    expect(inner.map(({ id, label }) => `${id} ${label}`)).toEqual(['outer/half half', 'outer/deep deep'])
    expect(within.map(({ from, to }) => `${from.node}.${from.port} ${to.node}.${to.port}`)).toEqual([
      'outer/half.Out outer/deep.a.In',
    ])
    expect(innerInstance(instance, ['outer', 'deep']).nodes.map(({ label }) => label)).toEqual(['a', 'b'])
  })

  it('has taken and given what went across its border, and is as bad as the worst inside', () => {
    const [outer, deep] = rolledUp({ nodes, wires })
    expect(outer).toMatchObject({
      id: 'outer',
      received: 70,
      sent: 50,
      errors: 3,
      queued: 3,
      busyMs: 15,
      state: 'blocked',
    })
    expect(deep).toMatchObject({ id: 'outer/deep', received: 60, sent: 50, errors: 1 })
    const atRest = { received: 0, sent: 0, errors: 0, busy: 0, blocked: 0 }
    const rates = {
      nodes: new Map([
        ['outer/half', { ...atRest, busy: 0.25 }],
        ['outer/deep/a', { ...atRest, busy: 0.5, blocked: 0.25 }],
      ]),
      wires: new Map([[wires[0]?.id ?? '', 7]]),
    }
    expect(new Map(rolledUpRates({ nodes, wires }, rates)).get('outer')).toEqual({
      ...atRest,
      received: 7,
      busy: 0.5,
      blocked: 0.25,
    })
  })

  it('has at its ports the figures of the wire inside, where only one can be meant', () => {
    const running = new Map(wires.map((each) => [each.id, each]))
    const drawn = { id: 'ticks.Out -> outer.Anything', from: end('ticks.Out'), to: end('outer.Anything') }
    expect(runningWire(running, drawn)?.accepted).toBe(70)
    const second = wire('ticks.Out', 'outer/deep/b.In')
    expect(runningWire(new Map([...running, [second.id, second]]), drawn)).toBeUndefined()
    expect(runningWire(running, { id: wires[3]?.id ?? '', from: end('x.Out'), to: end('y.In') })?.accepted).toBe(50)
  })
})

describe('the name of a graph inside a node', () => {
  const place = { instance: 'n/1', path: 'a/b' }
  const name = innerName(place)

  it('leads to the node that it is in, and is no name where an instance has it', () => {
    expect(innerPlace(name, () => false)).toEqual(place)
    expect(innerPlace(name, (each) => each === name)).toBeUndefined()
    expect(innerPlace('n/1', () => false)).toBeUndefined()
    expect(innerName({ instance: 'n/1', path: '' })).toBe('n/1')
  })

  it('selects for all panels what runs, and finds that again inside', () => {
    const ends = { from: end('c.Out'), to: end('d.In') }
    const wireThere = runningEnds(place, ends)
    expect(wireThere.id).toBe('a/b/c.Out -> a/b/d.In')
    for (const inside of [
      { type: 'node', instance: name, node: 'c' },
      { type: 'wire', instance: name, wire: 'c.Out -> d.In' },
    ] as const) {
      const running = runningSelected(inside, place)
      expect(running.instance).toBe('n/1')
      expect(selectedInside(running, place)).toEqual(inside)
      expect(selectedInside(running, { ...place, path: 'a/x' })).toBeUndefined()
    }
    expect(runningSelected({ type: 'wire', instance: name, wire: 'c.Out -> d.In' }, place)).toMatchObject({
      wire: wireThere.id,
    })
    expect(runningSelected({ type: 'instance', instance: name }, place)).toEqual({
      type: 'node',
      instance: 'n/1',
      node: 'a/b',
    })
  })

  it('is reached from files in other folders by a path of their own', () => {
    expect(pathBetween('outer.graph.json', 'parts/x.graph.json')).toBe('parts/x.graph.json')
    expect(pathBetween('parts/deep/y.graph.json', './parts/x.graph.json')).toBe('../x.graph.json')
    expect(pathBetween('a/y.graph.json', '../b/x.graph.json')).toBe('../../b/x.graph.json')
  })
})
