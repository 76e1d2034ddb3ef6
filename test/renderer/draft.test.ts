import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ActorDescription, GraphExport, InstanceDescription } from '../../src/shared/index.ts'
import { actorChoices, exportedChoices, idFor } from '../../src/renderer/view/actor-choice.ts'
import { aligned } from '../../src/renderer/view/align.ts'
import { draftInstance, groupsOf, notesOf } from '../../src/renderer/view/draft.ts'
import { draftDirection, filePlaces, layoutDraft, type Box } from '../../src/renderer/view/draft-layout.ts'
import { fittingPort, wireRefusal, type PortEnd } from '../../src/renderer/view/port-rules.ts'
import { graph, wire } from '../graph/fixtures.ts'

const actor = (name: string, inports: Record<string, string>, outports: Record<string, string>): ActorDescription => ({
  name,
  description: `does what ${name} does`,
  inports: Object.fromEntries(Object.entries(inports).map(([port, kind]) => [port, { kind }])),
  outports: Object.fromEntries(Object.entries(outports).map(([port, kind]) => [port, { kind }])),
  config: {},
})
const catalogue = [
  actor('Ticks', {}, { Output: 'integer' }),
  actor('Half', { Input: 'float', Reset: 'flow' }, { Output: 'float' }),
  actor('Print', { Input: 'any' }, {}),
]
const describeActor = (name: string) => catalogue.find((each) => each.name === name)

function instance(name: string, of: GraphExport): InstanceDescription {
  const shell: InstanceDescription = {
    instance: `${name}/1`,
    networkId: name,
    instanceId: '1',
    state: 'running',
    isolation: 'thread',
    address: '127.0.0.1:1',
    graphFile: `${name}.graph.json`,
    exports: [],
    restarts: 0,
    nodes: [],
    wires: [],
  }
  return draftInstance(shell, of, describeActor)
}
const made = graph({ ticks: ['Ticks', { position: { x: 3, y: 4 } }], half: 'Half', far: 'thing@other' }, [
  wire('ticks.Output', 'half.Input'),
  wire('half.Output', 'far.Anything'),
])
const end = (node: string, side: 'in' | 'out', port: string, kind: string): PortEnd => ({
  instance: 'a/1',
  node,
  side,
  port,
  kind,
})

describe('an instance as its edited graph has it', () => {
  it('has the ports of its actors, and of unknown ones those that are wired', () => {
    const { nodes, wires } = instance('a', made)
    expect(nodes).toMatchObject([
      { id: 'ticks', inports: [], outports: ['Output'], position: { x: 3, y: 4 } },
      { id: 'half', inports: ['Input', 'Reset'], outports: ['Output'] },
      { id: 'far', role: 'remote', inports: ['Anything'], outports: [] },
    ])
    expect(wires.map(({ id }) => id)).toEqual(['ticks.Output -> half.Input', 'half.Output -> far.Anything'])
  })

  it('shows the notes and groups of a file that was written by hand, and passes over what is none', () => {
    const written: GraphExport = {
      ...made,
      properties: { millrace: { notes: [{ id: 'n', text: 'hello', size: { width: 'wide' } }, 7, { id: 'no text' }] } },
      groups: [{ id: 'g', nodes: ['ticks'], metadata: { millrace: { color: 'series-2' } } }],
    }
    expect(notesOf(written)).toEqual([
      { id: 'n', text: 'hello', position: { x: 0, y: 0 }, size: { width: 200, height: 90 } },
    ])
    expect(groupsOf(written)).toEqual([{ id: 'g', nodes: ['ticks'], color: 'series-2' }])
  })
})

describe('the rules for a wire', () => {
  const wires = { wires: [{ from: { node: 'ticks', port: 'Output' }, to: { node: 'half', port: 'Input' } }] }
  const refusal = (one: PortEnd, other: PortEnd) => wireRefusal(one, other, wires)

  it('let an integer into a float, from whichever end the wire is drawn', () => {
    const [out, into] = [end('ticks', 'out', 'Output', 'integer'), end('other', 'in', 'Input', 'float')]
    expect(refusal(out, into)).toBeUndefined()
    expect(refusal(into, out)).toBeUndefined()
  })

  it('name what they refuse', () => {
    const text = end('text', 'out', 'Output', 'string')
    expect(refusal(text, end('half', 'in', 'Input', 'float'))).toBe(
      'messages of kind string do not fit a port of kind float',
    )
    expect(refusal(text, end('half', 'out', 'Output', 'float'))).toMatch(/two outports/)
    expect(refusal(text, { ...end('half', 'in', 'Input', 'any'), instance: 'b/1' })).toMatch(
      /stays inside its instance/,
    )
    expect(refusal(end('ticks', 'out', 'Output', 'integer'), end('half', 'in', 'Input', 'float'))).toBe(
      'they are wired already',
    )
  })

  it('offer at a wire the actors that take it, each with the port that fits best', () => {
    const choices = actorChoices(catalogue, [], { side: 'out', kind: 'float' })
    expect(choices.map(({ component, port }) => [component, port])).toEqual([
      ['Half', 'Input'],
      ['Print', 'Input'],
    ])
    expect(fittingPort(catalogue[1] as ActorDescription, { side: 'out', kind: 'flow' })).toBe('Reset')
  })

  it('offer the exported nodes of other networks, by the name that a graph gives them', () => {
    const [here, peer] = [instance('a', made), { ...instance('b', made), exports: ['half'] }]
    expect(exportedChoices(here, [here, peer], describeActor)).toMatchObject([
      { name: 'half@b', inports: { Input: { kind: 'float' } } },
    ])
    expect(idFor('half@b')).toBe('half')
    expect(idFor('DistributedLogger')).toBe('distributed_logger')
    expect(idFor('parts/smooth.graph.json')).toBe('smooth')
  })
})

const boxes = fc
  .uniqueArray(fc.tuple(fc.integer({ min: -500, max: 500 }), fc.integer({ min: -500, max: 500 })), {
    minLength: 2,
    maxLength: 8,
  })
  .map(
    (places) => new Map(places.map(([x, y], index): [string, Box] => [`n${index}`, { x, y, width: 190, height: 80 }])),
  )

describe('the canvas that is edited', () => {
  const content = (name: string, of: GraphExport) => ({ instance: instance(name, of), notes: [], groups: [] })

  it('shows nodes exactly as the file has them: every distance on the canvas is one of the file', () => {
    fc.assert(
      fc.property(boxes, (places) => {
        const nodes = Object.fromEntries(
          [...places].map(([id, { x, y }]) => [id, ['Ticks', { position: { x, y } }] satisfies [string, object]]),
        )
        const [placed] = layoutDraft([content('a', graph(nodes))], new Map(), 'across')
        for (const [id, { x, y }] of places)
          expect(placed?.nodes.get(id)).toMatchObject({
            x: x + (placed?.anchor.x ?? 0),
            y: y + (placed?.anchor.y ?? 0),
          })
      }),
    )
  })

  it('leaves an instance where it is while another is edited, until that one needs the room', () => {
    const at = (x: number) =>
      graph({ a: ['Ticks', { position: { x: 0, y: 0 } }], b: ['Ticks', { position: { x, y: 0 } }] }, [])
    const anchorsOf = (places: ReturnType<typeof layoutDraft>) =>
      new Map(places.map(({ instance: name, anchor }) => [name, anchor]))
    const first = layoutDraft([content('a', at(300)), content('b', at(300))], new Map(), 'across')
    const kept = layoutDraft([content('a', at(310)), content('b', at(300))], anchorsOf(first), 'across')
    expect(kept[0]?.anchor).toEqual(first[0]?.anchor)
    const grown = layoutDraft([content('a', at(2_000)), content('b', at(300))], anchorsOf(first), 'across')
    const [left, right] = grown
    expect((left?.frame.x ?? 0) + (left?.frame.width ?? 0)).toBeLessThanOrEqual(right?.frame.x ?? 0)
    expect(left?.anchor).toEqual(first[0]?.anchor)
  })

  it('stacks wide instances and sets narrow ones side by side', () => {
    const wide = graph(
      { a: ['Ticks', { position: { x: 0, y: 0 } }], b: ['Ticks', { position: { x: 1_500, y: 0 } }] },
      [],
    )
    expect(draftDirection([content('a', wide), content('b', wide), content('c', wide)])).toBe('down')
    const tall = graph({ a: ['Ticks', { position: { x: 0, y: 0 } }], b: ['Ticks', { position: { x: 0, y: 700 } }] }, [])
    expect(draftDirection([content('a', tall), content('b', tall), content('c', tall)])).toBe('across')
  })

  it('gives nodes without a place one of their own, clear of the others', () => {
    const places = [...filePlaces(instance('a', made)).values()]
    expect(places).toHaveLength(3)
    for (const [index, one] of places.entries())
      for (const other of places.slice(index + 1))
        expect(
          Math.abs(one.x - other.x) >= one.width || Math.abs(one.y - other.y) >= Math.min(one.height, other.height),
        ).toBe(true)
  })

  it('spreads nodes with equal gaps, the outermost where they were', () => {
    fc.assert(
      fc.property(boxes, (places) => {
        const after = [...aligned(places, 'across')].map(([, { x }]) => x)
        const before = [...places.values()].map(({ x }) => x)
        expect(Math.min(...after)).toBe(Math.min(...before))
        expect(Math.abs(Math.max(...after) - Math.max(...before))).toBeLessThanOrEqual(1)
        const gaps = after.toSorted((one, other) => one - other).map((x, index, all) => x - (all[index - 1] ?? x))
        expect(Math.max(...gaps.slice(1)) - Math.min(...gaps.slice(1))).toBeLessThanOrEqual(1)
      }),
    )
    const two = { a: { x: 1, y: 5, width: 9, height: 3 }, b: { x: 4, y: 0, width: 5, height: 3 } }
    expect(Object.fromEntries(aligned(new Map(Object.entries(two)), 'right'))).toEqual({
      a: { x: 1, y: 5 },
      b: { x: 5, y: 0 },
    })
  })
})
