import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checkGraph } from '../../src/graph/index.ts'
import type { GraphExport } from '../../src/shared/index.ts'
import { catalogue, graph, initial, wire } from './fixtures.ts'

const pass = {
  name: 'Pass',
  description: '',
  inports: { In: { kind: 'any' } },
  outports: { Out: { kind: 'any' } },
  config: {},
}
const actors = [...catalogue, pass]
const source: [string, Record<string, unknown>] = ['Source', { mode: 'fast' }]

function found(made: GraphExport): string[] {
  return checkGraph(made, undefined, actors).map(
    ({ severity, code, node, wire: about }) => `${severity} ${code} ${node ?? about}`,
  )
}

describe('the check of cycles', () => {
  const loop = (metadata?: Record<string, unknown>) =>
    graph({ s: source, a: 'Pass', b: 'Pass', k: 'Sink' }, [
      wire('s.Output', 'a.In'),
      wire('a.Out', 'b.In'),
      wire('b.Out', 'a.In', metadata),
      wire('b.Out', 'k.Any'),
    ])

  it('warns of one whose wires all block, and names the wire that could give way', () => {
    expect(found(loop())).toEqual(['warning CYCLE_BLOCKING b.Out -> a.In'])
    expect(found(loop({ millrace: { policy: 'block' } }))).toEqual(['warning CYCLE_BLOCKING b.Out -> a.In'])
  })

  it('only notes one with a wire that gives way', () => {
    expect(found(loop({ millrace: { policy: 'drop-oldest' } }))).toEqual(['note CYCLE b.Out -> a.In'])
  })

  it('only notes one that a self-starting node begins and ends', () => {
    const made = graph({ a: source, b: 'Pass' }, [wire('a.Output', 'b.In'), wire('b.Out', 'a.Scale')])
    expect(found(made)).toEqual(['note CYCLE b.Out -> a.Scale'])
  })

  it('finds a node that feeds itself', () => {
    const made = graph({ a: 'Pass' }, [initial('a.In', 1), wire('a.Out', 'a.In')])
    expect(found(made)).toEqual(['warning CYCLE_BLOCKING a.Out -> a.In'])
  })

  it('tells each of several cycles, and one of those that share nodes', () => {
    const made = graph({ a: 'Pass', b: 'Pass', c: 'Pass', d: 'Pass', e: 'Pass' }, [
      initial('a.In', 1),
      wire('a.Out', 'b.In'),
      wire('b.Out', 'a.In'),
      wire('b.Out', 'c.In'),
      wire('c.Out', 'a.In'),
      wire('c.Out', 'd.In'),
      wire('d.Out', 'e.In'),
      wire('e.Out', 'd.In'),
    ])
    expect(found(made)).toEqual(['warning CYCLE_BLOCKING b.Out -> a.In', 'warning CYCLE_BLOCKING e.Out -> d.In'])
  })

  it('agrees with walking every way through any small graph', () => {
    const edges = fc.array(fc.tuple(fc.nat(6), fc.nat(6)), { maxLength: 12 })
    fc.assert(
      fc.property(edges, (pairs) => {
        const names = [...'abcdefg']
        const made = graph(
          Object.fromEntries(names.map((name) => [name, 'Pass'])),
          [...new Set(pairs.map(([from, to]) => `${names[from]}.Out ${names[to]}.In`))].map((pair) =>
            wire(...(pair.split(' ') as [string, string])),
          ),
        )
        const goesRound = names.some((_, start) => comesBack(start, pairs))
        expect(found(made).some((line) => line.includes('CYCLE_BLOCKING'))).toBe(goesRound)
      }),
      { numRuns: 200 },
    )
  })
})

function comesBack(start: number, pairs: [number, number][]): boolean {
  const seen = new Set<number>()
  const open = [start]
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    for (const [from, to] of pairs) {
      if (from !== node) continue
      if (to === start) return true
      if (!seen.has(to)) open.push(to)
      seen.add(to)
    }
  }
  return false
}

describe('the check of where messages come and go', () => {
  it('warns of nodes that no message can come to', () => {
    const made = graph({ a: 'Pass', b: 'Pass', c: 'Sink' }, [wire('a.Out', 'b.In'), wire('b.Out', 'c.Any')])
    expect(found(made)).toEqual([
      'warning NODE_UNREACHABLE a',
      'warning NODE_UNREACHABLE b',
      'warning NODE_UNREACHABLE c',
    ])
  })

  it.each([
    ['an initial message', (made: GraphExport) => made.connections?.push(initial('a.In', 1))],
    [
      'an inport of the graph',
      (made: GraphExport) => {
        made.inports = { In: wire('.', 'a.In').to }
      },
    ],
  ])('takes %s for a beginning', (_, change) => {
    const made = graph({ a: 'Pass', c: 'Sink' }, [wire('a.Out', 'c.Any')])
    change(made)
    expect(found(made)).toEqual([])
  })

  it('notes nodes whose output nobody takes, unless the graph exposes them', () => {
    const made = graph({ a: source, b: 'Pass' }, [wire('a.Output', 'b.In')])
    expect(found(made)).toEqual(['note NODE_DEAD_END b'])
    made.outports = { Out: wire('b.Out', '.').from }
    expect(found(made)).toEqual([])
  })
})
