import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { analyseGraph } from '../../../src/graph/index.ts'
import type { GraphExport } from '../../../src/shared/index.ts'
import { graph, wire } from '../fixtures.ts'

const letters = 'abcdefg'

/** `flow('abc', ['ab', 'bc'])` */
function flow(names: string, pairs: readonly string[]): GraphExport {
  return graph(
    Object.fromEntries([...names].map((name) => [name, 'Pass'])),
    pairs.map((pair) => wire(`${pair[0]}.Out`, `${pair[1]}.In`)),
  )
}

const pair = fc.tuple(fc.nat(letters.length - 1), fc.nat(letters.length - 1))
const anyPairs = fc
  .uniqueArray(pair, { selector: String, maxLength: 12 })
  .map((pairs) => pairs.map(([from, to]) => `${letters[from]}${letters[to]}`))
/** Wires that only go from earlier to later letters. */
const forwardPairs = anyPairs.map((pairs) => pairs.filter((wired) => wired[0]! < wired[1]!))

/** Every way that passes no node twice, the slow way. */
function everyWay(pairs: readonly string[], from: string): string[] {
  const walk = (way: string): string[] => [
    way,
    ...pairs.flatMap((wired) => (wired[0] === way.at(-1) && !way.includes(wired[1]!) ? walk(`${way}${wired[1]}`) : [])),
  ]
  return walk(from)
}

const hasNone = (pairs: readonly string[], node: string | undefined, side: 0 | 1) =>
  !pairs.some((wired) => wired[side] === node)

/** Every way from where nothing comes in to where nothing goes on. */
function wholeWays(pairs: readonly string[]): string[] {
  const starts = [...letters].filter((node) => hasNone(pairs, node, 1) && !hasNone(pairs, node, 0))
  return starts.flatMap((start) => everyWay(pairs, start)).filter((way) => hasNone(pairs, way.at(-1), 0))
}

describe('analyseGraph', () => {
  it('finds what leads to a node and what it leads to, as walking every way does', () => {
    fc.assert(
      fc.property(anyPairs, fc.constantFrom(...letters), (pairs, node) => {
        const { reach } = analyseGraph(flow(letters, pairs), { node })
        const leadsTo = (from: string, to: string) =>
          pairs.some((wired) => wired[0] === from && everyWay(pairs, wired[1]!).some((way) => way.endsWith(to)))
        expect(reach?.downstream).toEqual([...letters].filter((other) => leadsTo(node, other)))
        expect(reach?.upstream).toEqual([...letters].filter((other) => leadsTo(other, node)))
      }),
      { numRuns: 60 },
    )
  })

  it('counts and lists the ways of a graph without cycles, as walking every way does', () => {
    fc.assert(
      fc.property(forwardPairs, (pairs) => {
        const { ways } = analyseGraph(flow(letters, pairs), { limit: 1_000 })
        expect(ways.listed.map((way) => way.join('')).sort()).toEqual(wholeWays(pairs).sort())
        expect(ways.count).toBe(ways.listed.length)
      }),
      { numRuns: 60 },
    )
  })

  it('lists ways between two nodes that are ways of the graph, at least one where there is any', () => {
    const ends = fc.constantFrom(...letters)
    fc.assert(
      fc.property(anyPairs, ends, ends, fc.nat(3), (pairs, from, to, limit) => {
        const { ways } = analyseGraph(flow(letters, pairs), { from, to, limit })
        const all = everyWay(pairs, from).filter((way) => way.endsWith(to))
        for (const way of ways.listed) expect(all).toContain(way.join(''))
        expect(new Set(ways.listed.map(String)).size).toBe(ways.listed.length)
        expect(ways.listed.length).toBe(Math.min(limit, ways.count))
        expect(ways.count > 0).toBe(all.length > 0)
      }),
      { numRuns: 100 },
    )
  })

  it('finds a way past a node that feeds itself, beside a cycle at its end', () => {
    const { ways } = analyseGraph(flow(letters, ['da', 'gd', 'dd', 'af', 'fa']), { from: 'g', to: 'a' })
    expect(ways).toEqual({ count: 1, listed: [['g', 'd', 'a']] })
  })

  it('finds a longest way of a graph without cycles, and a way of one with them', () => {
    fc.assert(
      fc.property(forwardPairs, anyPairs, (pairs, circular) => {
        const longest = Math.max(...[...letters].flatMap((node) => everyWay(pairs, node)).map((way) => way.length))
        const { nodes } = analyseGraph(flow(letters, pairs)).criticalPath
        expect(nodes).toHaveLength(longest)
        for (const [made, way] of [
          [pairs, nodes],
          [circular, analyseGraph(flow(letters, circular)).criticalPath.nodes],
        ] as const)
          expect(everyWay(made, way[0]!)).toContain(way.join(''))
      }),
      { numRuns: 60 },
    )
  })

  it('puts every node into one stage, after all that feeds it when there is no cycle', () => {
    fc.assert(
      fc.property(forwardPairs, anyPairs, (pairs, circular) => {
        const { stages } = analyseGraph(flow(letters, pairs))
        const stageOf = (node: string | undefined) => stages.findIndex((stage) => stage.includes(node!))
        for (const wired of pairs) expect(stageOf(wired[0])).toBeLessThan(stageOf(wired[1]))
        const all = analyseGraph(flow(letters, circular)).stages
        expect(all.flat().sort()).toEqual([...letters])
        expect(all.every((stage) => stage.length > 0)).toBe(true)
      }),
      { numRuns: 60 },
    )
  })

  it('says of each bottleneck which share of the ways leads through it, as counting does', () => {
    fc.assert(
      fc.property(forwardPairs, (pairs) => {
        const all = wholeWays(pairs)
        const { bottlenecks, parts } = analyseGraph(flow(letters, pairs))
        for (const { node, share, waysIn, sources } of bottlenecks) {
          const part = parts.find((ids) => ids.includes(node))!
          const ofPart = all.filter((way) => part.includes(way[0]!))
          expect(share).toBeCloseTo(ofPart.filter((way) => way.includes(node)).length / ofPart.length, 3)
          expect(waysIn).toBeGreaterThan(1)
          expect(sources).toBe(pairs.filter((wired) => wired[1] === node).length)
        }
      }),
      { numRuns: 100 },
    )
    expect(analyseGraph(flow('abcde', ['ac', 'bc', 'cd', 'ce'])).bottlenecks).toEqual([
      { node: 'c', share: 1, waysIn: 2, sources: 2 },
      { node: 'd', share: 0.5, waysIn: 2, sources: 1 },
      { node: 'e', share: 0.5, waysIn: 2, sources: 1 },
    ])
    expect(analyseGraph(flow('abc', ['ab', 'bc'])).bottlenecks).toEqual([])
  })

  it('tells parts, cycles and chains apart', () => {
    const { parts, cycles, chains } = analyseGraph(flow('abcdefgh', ['ab', 'bc', 'cd', 'ef', 'fe', 'fg']))
    expect(parts.map((part) => part.join(''))).toEqual(['abcd', 'efg', 'h'])
    expect(cycles.map((cycle) => cycle.join(''))).toEqual(['ef'])
    expect(chains.map((chain) => chain.join(''))).toEqual(['abcd'])
  })

  it('takes no longer for more ways than anybody can count', () => {
    const size = 300
    const names = Array.from({ length: size }, (_, number) => `n${number}`)
    const made = graph(
      Object.fromEntries(names.map((name) => [name, 'Pass'])),
      names.flatMap((name, number) =>
        [1, 2, 3].flatMap((step) => (number + step < size ? [wire(`${name}.Out`, `n${number + step}.In`)] : [])),
      ),
    )
    const { ways } = analyseGraph(made)
    expect(ways.count).toBe(Number.MAX_SAFE_INTEGER)
    expect(ways.listed).toHaveLength(20)
  })

  it('refuses a node that is not there, and says which one was probably meant', () => {
    const made = flow('ab', ['ab'])
    for (const request of [{ node: 'aa' }, { from: 'aa' }, { to: 'aa' }])
      expect(() => analyseGraph(made, request)).toThrow(
        expect.objectContaining({ code: 'NODE_UNKNOWN', message: expect.stringContaining('"aa"') as string }),
      )
  })
})
