import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { configOf, initialsOf, nodesOf, wiresOf } from '../../src/graph/index.ts'
import { toTagged } from '../../src/shared/index.ts'
import { graph, initial, wire } from './fixtures.ts'

describe('nodesOf', () => {
  it('tells own nodes from nodes of peers', () => {
    const nodes = nodesOf(graph({ a: 'Source', b: 'data_processor@data_instance', c: '@x', d: 'x@', e: 'a@b@c' }))
    expect(nodes.map(({ remote }) => remote)).toEqual([
      undefined,
      { node: 'data_processor', networkId: 'data_instance' },
      undefined,
      undefined,
      { node: 'a@b', networkId: 'c' },
    ])
  })

  it('reads label and position, and leaves the config to the actor', () => {
    const metadata = {
      label: 'Front',
      position: { x: 1, y: -2 },
      env_vars: { KEY: 'required' },
      millrace: {},
      scale: 3,
    }
    const [node] = nodesOf(graph({ a: ['Source', metadata] }))
    expect(node).toMatchObject({ label: 'Front', position: { x: 1, y: -2 } })
    expect(configOf(node?.metadata ?? {})).toEqual({ scale: 3 })
  })

  it('takes null metadata as none, as Reflow writes it', () => {
    const made = graph({ a: 'Source' })
    made.processes = { a: { id: 'a', component: 'Source', metadata: null } }
    expect(nodesOf(made)[0]?.metadata).toEqual({})
  })
})

describe('wiresOf', () => {
  it('lists wires in order with their capacity, and no initial messages', () => {
    const connections = [
      wire('a.Output', 'b.Input', { millrace: { capacity: 5 } }),
      initial('a.Trigger', true),
      { ...wire('a.Output', 'c.Input'), data: null },
    ]
    expect(wiresOf(graph({}, connections))).toEqual([
      {
        from: { node: 'a', port: 'Output' },
        to: { node: 'b', port: 'Input' },
        capacity: 5,
        options: { capacity: 5 },
        index: 0,
      },
      { from: { node: 'a', port: 'Output' }, to: { node: 'c', port: 'Input' }, options: {}, index: 2 },
    ])
  })
})

describe('initialsOf', () => {
  it('takes plain JSON as it is, tagged or not', () => {
    const tagged = { type: 'Boolean', data: true }
    expect(initialsOf(graph({}, [initial('a.In', tagged), initial('a.In', 7)])).map(({ value }) => value)).toEqual([
      tagged,
      7,
    ])
  })

  it('takes data as an initial message even where a source is named, as Reflow does', () => {
    expect(initialsOf(graph({}, [{ ...wire('a.Out', 'b.In'), data: 1 }]))).toHaveLength(1)
  })

  it('makes the value of an explicit kind', () => {
    const explicit = (kind: string) => ({ millrace: { kind } })
    const connections = [
      initial('a.In', '9007199254740993', explicit('integer')),
      initial('a.In', 2, explicit('float')),
      initial('a.In', undefined, explicit('flow')),
      initial('a.In', [1, 2], explicit('stream')),
    ]
    expect(initialsOf(graph({}, connections))).toEqual([
      { to: { node: 'a', port: 'In' }, value: 9_007_199_254_740_993n, kind: 'integer' },
      { to: { node: 'a', port: 'In' }, value: 2, kind: 'float' },
      { to: { node: 'a', port: 'In' }, value: undefined, kind: 'flow' },
      { to: { node: 'a', port: 'In' }, value: Uint8Array.of(1, 2), kind: 'stream' },
    ])
  })

  it('reads back from properties whatever JSON cannot hold', () => {
    const values = fc.oneof(
      fc.constant(null),
      fc.constant(Number.NaN),
      fc.bigInt(),
      fc.uint8Array(),
      fc.double(),
      fc.jsonValue(),
    )
    fc.assert(
      fc.property(values, (value) => {
        const entry = { node: 'a', port: 'In', message: toTagged(value) }
        const file: unknown = JSON.parse(JSON.stringify(entry))
        const [read] = initialsOf(graph({}, [], { millrace: { initials: [file] } }))
        expect(toTagged(read?.value, read?.kind)).toEqual(entry.message)
      }),
    )
  })

  it('names the port of a message that cannot be read', () => {
    const broken = graph({}, [initial('a.In', 'many', { millrace: { kind: 'integer' } })])
    expect(() => initialsOf(broken)).toThrow(
      expect.objectContaining({ code: 'MESSAGE_INVALID', message: expect.stringContaining('a.In') }),
    )
    expect(() => initialsOf(graph({}, [], { millrace: { initials: [1] } }))).toThrow('initials[0]')
  })
})
