import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ExportedNode } from '../../../src/peer/index.ts'
import { KnownDirectory, mostKnown } from '../../../src/peer/known-directory.ts'
import { SessionPair, type Side } from './session-pair.ts'

const nodeOf = (id: string, component = 'Worker'): ExportedNode => ({
  id,
  component,
  inports: [{ name: 'In', kind: 'any' }],
  outports: [],
})

/** What one side exports, changed by the test, and told to the other. */
class Exporter {
  readonly nodes = new Map<string, ExportedNode>()
  revision = 1
  readonly #side: Side

  constructor(side: Side) {
    this.#side = side
    side.directory = () => ({ revision: this.revision, nodes: [...this.nodes.values()] })
  }

  put(node: ExportedNode): void {
    this.nodes.set(node.id, node)
    this.#changed()
  }

  remove(id: string): void {
    if (this.nodes.delete(id)) this.#changed()
  }

  #changed(): void {
    this.revision++
    this.#side.session.directory.changed()
  }
}

/** `right` watches what `left` exports. */
function watchedPair() {
  const pair = new SessionPair()
  const exporter = new Exporter(pair.left)
  const known = new KnownDirectory()
  const listings: { from: number; nodes: number; gone: number }[] = []
  pair.right.listingArrived = (listing) => {
    listings.push({ from: listing.from, nodes: listing.nodes.length, gone: listing.gone.length })
    if (known.apply(listing) === 'missed') pair.right.session.directory.watch(0)
  }
  pair.attach()
  return { pair, exporter, known, listings }
}

describe('the directory of a session', () => {
  it('tells all at first, and then what has changed', () => {
    const { pair, exporter, known, listings } = watchedPair()
    for (const id of ['a', 'b', 'c']) exporter.put(nodeOf(id))
    pair.right.session.directory.watch(0)
    pair.finish()
    expect(known.nodes.map(({ id }) => id)).toEqual(['a', 'b', 'c'])
    exporter.remove('b')
    pair.finish()
    exporter.put(nodeOf('c', 'Other'))
    pair.finish()
    expect(known.nodes).toEqual([nodeOf('a'), nodeOf('c', 'Other')])
    expect(listings).toEqual([
      { from: 0, nodes: 3, gone: 0 },
      { from: 4, nodes: 0, gone: 1 },
      { from: 5, nodes: 1, gone: 0 },
    ])
  })

  it('tells nothing to a peer that did not ask, and nothing again to one that knows it', () => {
    const { pair, exporter, known, listings } = watchedPair()
    exporter.put(nodeOf('a'))
    pair.finish()
    expect(listings).toEqual([])
    pair.right.session.directory.watch(exporter.revision)
    pair.finish()
    expect(listings).toEqual([])
    exporter.put(nodeOf('b'))
    pair.finish()
    // The peer said that it knew more than it does, so it missed something, and asks for all.
    expect(listings).toMatchObject([{ from: 2 }, { from: 0, nodes: 2 }])
    expect(known.nodes).toHaveLength(2)
  })

  it('tells that a node was replaced by one that is just like it', () => {
    const { pair, exporter, known } = watchedPair()
    exporter.put(nodeOf('a'))
    pair.right.session.directory.watch(0)
    pair.finish()
    const before = known.since('a', 'inports', 'In') ?? 0
    exporter.remove('a')
    exporter.put(nodeOf('a'))
    pair.finish()
    expect(known.since('a', 'inports', 'In')).toBeGreaterThan(before)
    expect(known.since('a', 'outports', 'In')).toBeUndefined()
  })

  it('makes one of many changes while the peer is slow', () => {
    const { pair, exporter, known, listings } = watchedPair()
    pair.right.session.directory.watch(0)
    pair.finish()
    for (let turn = 0; turn < 1000; turn++) {
      exporter.put(nodeOf(`n${turn % 7}`))
      pair.left.settle()
    }
    pair.finish()
    expect(listings.length).toBeLessThan(10)
    expect(known.nodes).toHaveLength(7)
  })

  it('is refused, page after page or change after change, when it names more than a link keeps', () => {
    const known = new KnownDirectory()
    const ports = Array.from({ length: 9_999 }, (_, index) => ({ name: `P${index}`, kind: 'any' as const }))
    const tell = (id: number, from: number, isLast: boolean) => {
      const nodes = [{ ...nodeOf(`n${id}`), inports: ports }]
      return known.apply({ type: 'listing', from, to: from + 1, nodes, gone: [], isLast })
    }
    const tooMuch = expect.objectContaining({
      code: 'PROTOCOL_ERROR',
      message: expect.stringContaining(`more than ${mostKnown} exported nodes and ports`),
    })
    for (let page = 0; page < 10; page++) tell(page, 0, page === 9)
    expect(known.nodes).toHaveLength(10)
    expect(() => tell(10, 1, true)).toThrow(tooMuch)
    known.forget()
    for (let page = 0; page < 10; page++) tell(page, 0, false)
    expect(() => tell(10, 0, false)).toThrow(tooMuch)
    expect(known.nodes).toEqual([])
  })

  it('tells a directory that is longer than a frame may be', () => {
    const { pair, exporter, known, listings } = watchedPair()
    const many = Array.from({ length: 40 }, (_, index) => ({
      name: `Port${index}${'x'.repeat(150)}`,
      kind: 'any' as const,
    }))
    for (let index = 0; index < 200; index++) exporter.nodes.set(`n${index}`, { ...nodeOf(`n${index}`), inports: many })
    exporter.put(nodeOf('last'))
    pair.right.session.directory.watch(0)
    pair.finish()
    expect(listings.length).toBeGreaterThan(3)
    expect(known.nodes).toHaveLength(201)
    exporter.remove('n7')
    pair.finish()
    expect(known.has('n7')).toBe(false)
    expect(known.nodes).toHaveLength(200)
  })

  it('brings the peer to what is exported, whatever changes and wherever links are cut', () => {
    const step = fc.oneof(
      fc.record({ do: fc.constant('put'), id: fc.constantFrom('a', 'b', 'c') }),
      fc.record({ do: fc.constant('remove'), id: fc.constantFrom('a', 'b', 'c') }),
      fc.record({ do: fc.constantFrom('cut', 'watch', 'left', 'right'), id: fc.constant('') }),
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const { pair, exporter, known } = watchedPair()
        pair.right.session.directory.watch(0)
        for (const { do: what, id } of steps) {
          if (what === 'put') exporter.put(nodeOf(id))
          else if (what === 'remove') exporter.remove(id)
          else if (what === 'watch') pair.right.session.directory.watch(known.revision)
          else if (what === 'cut') {
            pair.cut()
            pair.attach()
          } else {
            const side = what === 'left' ? pair.left : pair.right
            side.settle()
            pair.deliver(side, Infinity)
          }
        }
        pair.finish()
        expect(known.revision).toBe(exporter.revision)
        expect(new Map(known.nodes.map((node) => [node.id, node]))).toEqual(exporter.nodes)
      }),
      { numRuns: 200 },
    )
  })
})
