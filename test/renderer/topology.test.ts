import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { rowsOf } from '../../src/renderer/view/row-layout.ts'
import {
  densities,
  extentOf,
  firstViewport,
  fittingArrangement,
  fittingDensity,
  layoutTopology,
  readableZoom,
} from '../../src/renderer/view/topology-layout.ts'
import {
  inFlowOrder,
  nodeKey,
  remotesInside,
  remoteTarget,
  topologyLinks,
  topologyWires,
} from '../../src/renderer/view/topology.ts'
import type { InstanceDescription } from '../../src/shared/index.ts'
import { instance } from '../shared/samples.ts'

const data = instance('data', ['collector', 'processor'], ['collector.Out -> processor.In'])
const ml = instance(
  'ml',
  [{ id: 'source', component: 'processor@data' }, 'trainer', 'evaluator'],
  ['source.Out -> trainer.In', 'trainer.Out -> evaluator.In'],
)
const api = instance('api', [{ id: 'models', component: 'evaluator@ml' }, 'service'], ['models.Out -> service.In'])

describe('links on the canvas', () => {
  it('join the exporting node with the remote node that stands for it', () => {
    expect(topologyLinks([data, ml])).toEqual([
      {
        key: 'link in ml/1 source',
        instance: 'ml/1',
        node: 'source',
        peer: 'data/1',
        exported: 'processor',
        direction: 'in',
        from: nodeKey('data/1', 'processor'),
        to: nodeKey('ml/1', 'source'),
      },
    ])
  })

  it('run the other way when the remote node is fed, and both ways when it is fed and feeds', () => {
    const remote = { id: 'r', component: 'processor@data' }
    const sending = instance('ml', ['a', remote], ['a.Out -> r.In'])
    expect(topologyLinks([data, sending]).map(({ direction, from }) => [direction, from])).toEqual([
      ['out', nodeKey('ml/1', 'r')],
    ])
    const both = instance('ml', ['a', remote], ['a.Out -> r.In', 'r.Out -> a.In'])
    expect(topologyLinks([data, both]).map(({ direction }) => direction)).toEqual(['in', 'out'])
  })

  it('begin and end at the graph that a node is in, where that is drawn in its place', () => {
    const outer = instance('ml', [{ id: 'part', component: 'part.graph.json' }, 'trainer'])
    const running = instance(
      'ml',
      [{ id: 'part/deep/source', component: 'processor@data' }, 'trainer'],
      ['part/deep/source.Out -> trainer.In'],
    )
    const inside = remotesInside([data, outer], [data, running])
    expect(topologyLinks([data, outer], inside)).toEqual([
      {
        key: 'link in ml/1 part/deep/source',
        instance: 'ml/1',
        node: 'part/deep/source',
        peer: 'data/1',
        exported: 'processor',
        direction: 'in',
        from: nodeKey('data/1', 'processor'),
        to: nodeKey('ml/1', 'part'),
      },
    ])
    const exporting = instance('data', [{ id: 'sub', component: 'sub.graph.json' }])
    const asking = instance('ml', [{ id: 'r', component: 'sub/x@data' }])
    expect(topologyLinks([exporting, asking]).map(({ from, exported }) => [from, exported])).toEqual([
      [nodeKey('data/1', 'sub'), 'sub/x'],
    ])
    expect(remotesInside([data, ml], [data, ml])).toEqual([])
  })

  it('leave out nodes of peers that are not in the lab', () => {
    expect(topologyLinks([ml])).toEqual([])
    expect(topologyLinks([instance('data', ['other']), ml])).toEqual([])
  })

  it('find the network behind the last @', () => {
    expect(remoteTarget('a@b@net')).toEqual({ node: 'a@b', networkId: 'net' })
    expect(['plain', '@net', 'node@'].map(remoteTarget)).toEqual([undefined, undefined, undefined])
  })
})

describe('wires on the canvas', () => {
  it('keep nodes of the same name in different instances apart', () => {
    const keys = topologyWires([data, instance('two', ['collector', 'processor'], ['collector.Out -> processor.In'])])
    expect(new Set(keys.map(({ key }) => key)).size).toBe(2)
    expect(keys.map(({ from }) => from.key)).toEqual([nodeKey('data/1', 'collector'), nodeKey('two/1', 'collector')])
  })

  it('are left out when an end is no node of the graph', () => {
    expect(topologyWires([instance('x', ['a'], ['a.Out -> gone.In'])])).toEqual([])
  })
})

describe('the order of instances', () => {
  it('follows the messages, whatever the order of the file', () => {
    const shuffled = [api, ml, data]
    expect(inFlowOrder(shuffled, topologyLinks(shuffled)).map(({ networkId }) => networkId)).toEqual([
      'data',
      'ml',
      'api',
    ])
  })

  it('loses nobody in a ring', () => {
    const one = instance('one', [{ id: 'x', component: 'a@two' }, 'a'])
    const two = instance('two', [{ id: 'x', component: 'a@one' }, 'a'])
    expect(inFlowOrder([one, two], topologyLinks([one, two]))).toEqual([one, two])
  })
})

const { card } = densities.dense
const spot = fc.integer({ min: -600, max: 600 })
const anyInstance = fc
  .uniqueArray(fc.record({ x: spot, y: spot }), { minLength: 1, maxLength: 9, selector: ({ x, y }) => `${x} ${y}` })
  .chain((positions) => {
    const ids = positions.map((_, index) => `n${index}`)
    const wires = fc.array(fc.tuple(fc.constantFrom(...ids), fc.constantFrom(...ids)), { maxLength: 14 })
    return wires.map((pairs) =>
      instance(
        'any',
        positions.map((position, index) => ({ id: `n${index}`, component: 'A', position })),
        pairs.map(([from, to]) => `${from}.Out -> ${to}.In`),
      ),
    )
  })

function overlaps(described: InstanceDescription, arrangement: 'graph' | 'compact'): boolean {
  const nodes = layoutTopology([described], arrangement)[0]?.nodes ?? []
  return nodes.some((one, index) =>
    nodes
      .slice(index + 1)
      .some((other) => Math.abs(one.x - other.x) < card.width && Math.abs(one.y - other.y) < card.height),
  )
}

describe('the layout', () => {
  it('lays no node of a row arrangement on another and keeps all inside their frame, whatever the wires', () => {
    fc.assert(
      fc.property(anyInstance, (described) => {
        expect(overlaps(described, 'compact')).toBe(false)
        const [box] = layoutTopology([described], 'compact')
        expect(box?.nodes).toHaveLength(described.nodes.length)
        for (const { x, y } of box?.nodes ?? []) {
          expect(x).toBeGreaterThanOrEqual(0)
          expect(x + card.width).toBeLessThanOrEqual(box?.width ?? 0)
          expect(y + card.height).toBeLessThanOrEqual(box?.height ?? 0)
        }
      }),
    )
  })

  it('keeps the arrangement of the graph file, pulled apart where cards would overlap', () => {
    const close = instance('close', [
      { id: 'a', component: 'A', position: { x: 0, y: 0 } },
      { id: 'b', component: 'A', position: { x: 100, y: 0 } },
      { id: 'c', component: 'A', position: { x: 0, y: 90 } },
    ])
    expect(overlaps(close, 'graph')).toBe(false)
    const [a, b, c] = layoutTopology([close], 'graph')[0]?.nodes ?? []
    expect([b?.y === a?.y, c?.x === a?.x]).toEqual([true, true])
  })

  it('puts a node below all that feed it', () => {
    const nodes = layoutTopology([ml], 'compact')[0]?.nodes ?? []
    const rows = new Map(nodes.map(({ id, y }) => [id, y]))
    expect(rows.get('source')).toBeLessThan(rows.get('trainer') ?? 0)
    expect(rows.get('trainer')).toBeLessThan(rows.get('evaluator') ?? 0)
  })

  it('stands sources just above what they feed, and breaks a ring where it runs backwards in the drawing', () => {
    const at = (id: string, x: number) => ({ id, component: 'A', position: { x, y: 0 } })
    const ring = instance(
      'ring',
      [at('service', 260), at('front', 130), at('first', 0), at('late', 0), at('sink', 390)],
      [
        'service.Out -> front.In',
        'front.Out -> service.In',
        'first.Out -> front.In',
        'service.Out -> sink.In',
        'late.Out -> sink.In',
      ],
    )
    const rows = Object.fromEntries(rowsOf(ring).map(({ id, row }) => [id, row]))
    expect(rows).toEqual({ first: 0, front: 1, service: 2, late: 2, sink: 3 })
  })

  it('puts remote nodes on the left of their row and exported ones on the right', () => {
    const row = instance('row', ['kept', 'given', { id: 'taken', component: 'x@other' }], [], { exports: ['given'] })
    expect(rowsOf(row).map(({ id }) => id)).toEqual(['taken', 'kept', 'given'])
  })

  it('places instances from left to right without touching', () => {
    const boxes = layoutTopology([data, ml, api], 'compact')
    for (const [index, box] of boxes.slice(1).entries())
      expect(box.x).toBeGreaterThan((boxes[index]?.x ?? 0) + (boxes[index]?.width ?? 0))
    expect(extentOf(boxes).width).toBe((boxes[2]?.x ?? 0) + (boxes[2]?.width ?? 0))
  })

  it('places many instances on several lines without touching, so that they fill a wide window', () => {
    const many = Array.from({ length: 12 }, (_, place) => instance(`net${place}`, ['a', 'b', 'c']))
    const boxes = layoutTopology(many, 'compact')
    const { width, height } = extentOf(boxes)
    expect(width / height).toBeGreaterThan(1)
    expect(width / height).toBeLessThan(4)
    const meet = (one: (typeof boxes)[0], other: (typeof boxes)[0]) =>
      one.x < other.x + other.width &&
      other.x < one.x + one.width &&
      one.y < other.y + other.height &&
      other.y < one.y + one.height
    expect(boxes.filter((box, place) => boxes.slice(place + 1).some((other) => meet(box, other)))).toEqual([])
    expect(boxes.map(({ instance: name }) => name)).toEqual(many.map(({ instance: name }) => name))
  })

  it('gives an instance without nodes a frame', () => {
    const [box] = layoutTopology([instance('empty', [])], 'graph')
    expect(Number.isFinite(box?.width) && Number.isFinite(box?.height)).toBe(true)
  })

  it('turns a picture too wide to be read into rows', () => {
    const wide = instance(
      'wide',
      [0, 1, 2, 3, 4, 5].map((step) => ({ id: `n${step}`, component: 'A', position: { x: step * 260, y: 0 } })),
    )
    expect(fittingArrangement([wide], { width: 1600, height: 500 })).toBe('graph')
    expect(fittingArrangement([wide, wide, wide], { width: 1000, height: 430 })).toBe('compact')
  })

  it('arranges nodes in rows when their file does not say where they stand', () => {
    expect(fittingArrangement([data], { width: 1600, height: 500 })).toBe('compact')
  })

  it('spreads out where there is room for it', () => {
    expect(fittingDensity([data, ml, api], { width: 1500, height: 560 }, 'compact')).toBe(densities.roomy)
    expect(fittingDensity([data, ml, api], { width: 700, height: 300 }, 'compact')).toBe(densities.dense)
  })
})

describe('the first look', () => {
  const margin = { top: 42, bottom: 10, side: 10 }

  it('shows everything in the middle when that can be read', () => {
    expect(firstViewport({ width: 980, height: 348 }, { width: 1000, height: 500 }, margin)).toEqual({
      x: 10,
      y: 92,
      zoom: 1,
    })
  })

  it('begins at the left and the top, large enough to be read, when not everything fits', () => {
    const large = { width: 9000, height: 3000 }
    expect(firstViewport(large, { width: 1000, height: 500 }, margin)).toEqual({ x: 10, y: 42, zoom: readableZoom })
    const low = { width: 1340, height: 900 }
    expect(firstViewport(low, { width: 1000, height: 500 }, margin).zoom).toBeCloseTo(980 / 1340)
    // What is almost readable is shown whole.
    const { zoom } = firstViewport({ width: 1225, height: 400 }, { width: 920, height: 500 }, margin)
    expect(zoom).toBeCloseTo(900 / 1225)
  })
})

describe('what a graph says about itself', () => {
  const note = { id: 'why', text: 'why', position: { x: 0, y: 200 }, size: { width: 300, height: 50 } }
  const group = { id: 'both', nodes: ['a', 'b'], color: undefined }
  const words = () => ({ notes: [note], groups: [group] })
  const drawn = instance('data', [
    { id: 'a', component: 'X', position: { x: 0, y: 0 } },
    { id: 'b', component: 'X', position: { x: 400, y: 0 } },
  ])

  it('stands where the file has it, inside its instance, groups around their nodes', () => {
    const [box] = layoutTopology([drawn], 'graph', densities.dense, words)
    const [a, b] = box?.nodes ?? []
    const shown = box?.notes.get('why')
    expect((shown?.y ?? 0) - (a?.y ?? 0)).toBe(200)
    expect((shown?.y ?? 0) + (shown?.height ?? 0)).toBeLessThan(box?.height ?? 0)
    const around = box?.groups.get('both')
    expect(around?.x).toBeLessThan(a?.x ?? 0)
    // Below the head of the instance.
    expect(around?.y).toBeGreaterThan(46)
    expect((around?.x ?? 0) + (around?.width ?? 0)).toBeGreaterThan((b?.x ?? 0) + densities.dense.card.width)
  })

  it('stands below rows, whose nodes are not where the file has them', () => {
    const [box] = layoutTopology([drawn], 'compact', densities.dense, words)
    const lowest = Math.max(...(box?.nodes ?? []).map(({ y }) => y + densities.dense.card.height))
    expect(box?.notes.get('why')?.y).toBeGreaterThan(lowest)
    expect(box?.groups.size).toBe(0)
  })
})
