import fc from 'fast-check'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { applyCommands, defaultSize, layoutCommands, type Positions } from '../../src/graph/index.ts'
import { fixFile } from '../../src/lab/index.ts'
import { layoutFile } from '../../src/lab/layout-file.ts'
import { layoutGraph } from '../../src/lab/layout.ts'
import type { ActorDescription, GraphConnection, GraphExport } from '../../src/shared/index.ts'
import { graph, wire } from '../graph/fixtures.ts'

const catalogue: ActorDescription[] = [
  { name: 'Pass', description: '', inports: { In: { kind: 'any' } }, outports: { Out: { kind: 'any' } }, config: {} },
]
const size = defaultSize(1, 1)

const place = async (made: GraphExport, keep: 'order' | 'nothing' = 'nothing') =>
  (await layoutGraph({ graph: made, catalogue, keep })).positions

function passes(names: string, wires: string[]): GraphExport {
  const connections = wires.map((pair): GraphConnection => wire(`${pair[0]}.Out`, `${pair[1]}.In`))
  return graph(Object.fromEntries([...names].map((name) => [name, 'Pass'])), connections)
}

const placed = (made: GraphExport, positions: Positions) => applyCommands(made, layoutCommands(made, positions)).graph

function overlaps(positions: Positions): string[] {
  const all = Object.entries(positions)
  return all.flatMap(([one, at], index) =>
    all.slice(index + 1).flatMap(([other, there]) => {
      const isClear = Math.abs(at.x - there.x) >= size.width || Math.abs(at.y - there.y) >= size.height
      return isClear ? [] : [`${one} ${other}`]
    }),
  )
}

describe('layoutGraph', () => {
  it('goes from left to right and lays nothing on another, cycles and loners included', async () => {
    // Graphs without a wire between them, in one call: each call starts a thread and loads ELK into it.
    const eight = fc.uniqueArray(fc.tuple(fc.nat(7), fc.nat(7)), { selector: String, maxLength: 14 })
    const names = 'abcdefghijklmnopqrstuvwxyzABCDEFXYZ'
    await fc.assert(
      fc.asyncProperty(fc.array(eight, { minLength: 4, maxLength: 4 }), async (parts) => {
        const wires = parts.flatMap((pairs, part) =>
          pairs.map(([from, to]) => `${names[part * 8 + from]}${names[part * 8 + to]}`),
        )
        const positions = await place(passes(names, [...wires, 'XY', 'YZ']))
        expect(Object.keys(positions)).toEqual([...names])
        expect(overlaps(positions)).toEqual([])
        expect(positions['X']!.x + size.width).toBeLessThan(positions['Y']!.x)
        expect(positions['Y']!.x + size.width).toBeLessThan(positions['Z']!.x)
      }),
      { numRuns: 1 },
    )
  })

  it('keeps rows and columns, and about the place, when a node is added', async () => {
    const names = 'abcdefgh'
    const before = passes(names, ['ac', 'bc', 'ad', 'ce', 'de', 'df', 'eg', 'fg', 'fh'])
    const old = await place(before)
    const drawn = placed(before, old)
    const more = { ...drawn, processes: { ...drawn.processes, x: { id: 'x', component: 'Pass' } } }
    const now = await place({ ...more, connections: [...(drawn.connections ?? []), wire('c.Out', 'x.In')] }, 'order')
    for (const one of names)
      for (const other of names) {
        if (old[one]!.x + size.width < old[other]!.x) expect(now[one]!.x).toBeLessThan(now[other]!.x)
        if (old[one]!.x === old[other]!.x && old[one]!.y < old[other]!.y)
          expect(now[one]!.y).toBeLessThan(now[other]!.y)
      }
    expect(now['x']!.x).toBeGreaterThan(now['c']!.x)
    expect(overlaps(now)).toEqual([])
  })

  it('leaves pinned nodes where they are and makes room for them', async () => {
    const made = passes('abcd', ['ab', 'bc', 'cd'])
    made.processes!['b']!.metadata = { position: { x: 17, y: -400 }, millrace: { pinned: true } }
    made.processes!['d']!.metadata = { position: { x: 20, y: -380 }, millrace: { pinned: true } }
    const positions = await place(made)
    expect(positions['b']).toEqual({ x: 17, y: -400 })
    expect(positions['d']).toEqual({ x: 20, y: -380 })
    expect(overlaps(positions).filter((pair) => pair !== 'b d')).toEqual([])
  })

  it('keeps a group together, with nobody else inside', async () => {
    const made = passes('abcdef', ['ab', 'bc', 'cd', 'ae', 'ef', 'fd'])
    made.groups = [{ id: 'g', nodes: ['e', 'f', 'gone'] }]
    const positions = await place(made)
    const [e, f] = [positions['e']!, positions['f']!]
    const [left, right] = [Math.min(e.x, f.x), Math.max(e.x, f.x) + size.width]
    const [top, bottom] = [Math.min(e.y, f.y), Math.max(e.y, f.y) + size.height]
    for (const other of 'abcd') {
      const at = positions[other]!
      const isInside = at.x < right && at.x + size.width > left && at.y < bottom && at.y + size.height > top
      expect(isInside, other).toBe(false)
    }
  })

  it('takes a chain of more than a thousand nodes without running out of stack', async () => {
    const ids = Array.from({ length: 1_300 }, (_, number) => `n${number}`)
    const chain = graph(
      Object.fromEntries(ids.map((id) => [id, 'Pass'])),
      ids.slice(1).map((id, number) => wire(`n${number}.Out`, `${id}.In`)),
    )
    const positions = await place(chain)
    expect(positions['n1299']!.x).toBeGreaterThan(positions['n0']!.x)
  }, 60_000)

  it('can be cancelled at any time, and says so', async () => {
    const cancel = new AbortController()
    const work = layoutGraph({ graph: passes('ab', ['ab']), catalogue, keep: 'nothing' }, { signal: cancel.signal })
    cancel.abort()
    await expect(work).rejects.toMatchObject({ code: 'CANCELLED' })
    const late = layoutGraph({ graph: passes('ab', ['ab']), catalogue, keep: 'nothing' }, { signal: cancel.signal })
    await expect(late).rejects.toMatchObject({ code: 'CANCELLED' })
  })
})

describe('files', () => {
  const inFolder = async (run: (file: string) => Promise<void> | void, text: string) => {
    const folder = mkdtempSync(path.join(tmpdir(), 'millrace-layout-'))
    const file = path.join(folder, 'a.graph.json')
    writeFileSync(file, text)
    await run(file)
    rmSync(folder, { recursive: true })
  }

  it('keeps everything in a laid out file but the places', async () => {
    const made = {
      ...graph({ t: 'Interval', k: 'DistributedLogger' }, [wire('t.Output', 'k.Input')]),
      unknown: [1, { a: 2 }],
    }
    await inFolder(
      async (file) => {
        await layoutFile(file, { output: file, keep: 'nothing' })
        const read = JSON.parse(readFileSync(file, 'utf8')) as GraphExport
        expect(read.processes?.['t']?.metadata?.['position']).toEqual({ x: expect.any(Number), y: expect.any(Number) })
        for (const node of Object.values(read.processes ?? {})) delete node.metadata
        expect(read).toEqual(made)
      },
      JSON.stringify(made, undefined, 2),
    )
  })

  it('mends what is certain, and nothing else', async () => {
    const made = graph({ t: 'Intervall', k: 'DistributedLogger', lone: 'DistributedLogger' }, [
      wire('t.Ouput', 'k.Input'),
      wire('t.Output', 'k.Input'),
    ])
    await inFolder(
      (file) => {
        expect(fixFile(file)).toHaveLength(3)
        const read = JSON.parse(readFileSync(file, 'utf8')) as GraphExport
        expect(read.processes?.['t']?.component).toBe('Interval')
        expect(read.connections).toHaveLength(1)
        expect(read.processes?.['lone']).toBeDefined()
        expect(fixFile(file)).toEqual([])
      },
      JSON.stringify(made, undefined, 2),
    )
  })

  it('leaves a broken file as it is', async () => {
    await inFolder(async (file) => {
      expect(fixFile(file)).toEqual([])
      await expect(layoutFile(file, { output: file, keep: 'order' })).rejects.toMatchObject({ code: 'FILE_INVALID' })
      expect(readFileSync(file, 'utf8')).toBe('{ "caseSensitive": ')
    }, '{ "caseSensitive": ')
  })
})
