import { describe, expect, it } from 'vitest'
import { actorRows, arrangeRows } from '../../src/renderer/view/actor-rows.ts'
import { ratesOf } from '../../src/renderer/view/rates.ts'
import { instance, metricsAt, nodeSnapshot } from '../shared/samples.ts'

const instances = [
  instance('data', [
    { id: 'source', component: 'Interval' },
    { id: 'sink', component: 'Logger' },
  ]),
  instance('ml', [{ id: 'from_data', component: 'source@data' }], [], { state: 'stopped' }),
]
const metrics = metricsAt(1, {
  nodes: [nodeSnapshot('source', { received: 4, busyMs: 8 }), nodeSnapshot('sink', { state: 'blocked', queued: 9 })],
})
const live = { nodes: new Map(metrics.nodes.map((node) => [node.id, node])), rates: ratesOf([metrics]) }
const rows = actorRows(instances, (name) => (name === 'data/1' ? live : undefined))
const found = (search: string) =>
  arrangeRows(rows, { search, sortBy: undefined, isDescending: false }).map(({ node }) => node)

describe('the table of actors', () => {
  it('has every node, with figures where there are some', () => {
    expect(rows.map(({ node, state, queued, meanMs }) => ({ node, state, queued, meanMs }))).toEqual([
      { node: 'source', state: 'idle', queued: 0, meanMs: 2 },
      { node: 'sink', state: 'blocked', queued: 9, meanMs: 0 },
      { node: 'from_data', state: 'stopped', queued: 0, meanMs: 0 },
    ])
  })

  it('is searched by words and by field', () => {
    expect(found('LOGG')).toEqual(['sink'])
    expect(found('instance:ml')).toEqual(['from_data'])
    expect(found('is:remote')).toEqual(['from_data'])
    expect(found('state:blocked type:logger')).toEqual(['sink'])
    expect(found('type:logger instance:ml')).toEqual([])
  })

  it('is sorted by numbers and by words, and keeps the order of the lab among equals', () => {
    const by = (sortBy: 'queued' | 'label', isDescending: boolean) =>
      arrangeRows(rows, { search: '', sortBy, isDescending }).map(({ node }) => node)
    expect(by('queued', true)).toEqual(['sink', 'source', 'from_data'])
    expect(by('label', false)).toEqual(['from_data', 'sink', 'source'])
  })
})
