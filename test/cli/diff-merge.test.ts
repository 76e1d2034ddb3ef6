import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runCommandLine } from '../../src/cli/command-line.ts'
import { installationAt } from '../../src/cli/installation.ts'
import { applyCommands, formatFile, parseGraph } from '../../src/graph/index.ts'
import { DistributedNetwork } from '../../src/lab/index.ts'
import { defineActor } from '../../src/runtime/index.ts'
import type { GraphCommand, GraphExport } from '../../src/shared/index.ts'
import { graph, wire } from '../graph/fixtures.ts'
import { FakeConsole } from './fake-console.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'millrace-diff-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

async function millrace(...args: string[]): Promise<{ code: number; console: FakeConsole }> {
  const console = new FakeConsole()
  const code = await runCommandLine(args, console, installationAt(path.resolve('out/main')))
  return { code, console }
}

const base = graph({ a: ['Source', { scale: 1, mode: 'fast' }], b: 'Sink' }, [wire('a.Output', 'b.Input')])
const set = (field: string, value: unknown): GraphCommand => ({ type: 'setNodeField', id: 'a', path: [field], value })

function write(name: string, made: GraphExport, ...commands: GraphCommand[]): string {
  const file = path.join(folder, name)
  writeFileSync(file, formatFile(applyCommands(made, commands).graph))
  return file
}

describe('millrace diff', () => {
  it('says how two files differ, and whether', async () => {
    const before = write('before.graph.json', base)
    const after = write('after.graph.json', base, set('scale', 2), {
      type: 'moveNode',
      id: 'b',
      position: { x: 1, y: 1 },
    })
    const { code, console } = await millrace('diff', before, after)
    expect([code, console.printed, console.complained]).toEqual([
      1,
      ['~ node "a": scale 1 → 2', '~ node "b": position nothing → {"x":1,"y":1}'],
      ['2 differences'],
    ])
    const running = await millrace('diff', before, after, '--no-layout', '--json')
    expect(running.console.printed.map((line) => JSON.parse(line) as unknown)).toEqual([
      {
        type: 'difference',
        change: 'changed',
        kind: 'node',
        name: 'a',
        path: ['metadata', 'scale'],
        before: 1,
        after: 2,
        text: '~ node "a": scale 1 → 2',
        matters: true,
      },
    ])
    const same = await millrace('diff', before, before)
    expect([same.code, same.console.printed, same.console.complained]).toEqual([0, [], ['the two say the same']])
  })

  it('says how what runs differs from a file', async () => {
    const source = defineActor({ name: 'Source', outports: { Output: {} }, run: () => undefined })
    const sink = defineActor({ name: 'Sink', inports: { Input: {} }, run: () => undefined })
    const network = new DistributedNetwork({ networkId: 'n', instanceId: '1' })
    network.registerLocalActor('a', source)
    network.registerLocalActor('c', sink)
    network.connect({ node: 'a', port: 'Output' }, { node: 'c', port: 'Input' })
    await network.start()
    try {
      const { code, console } = await millrace('diff', write('here.graph.json', base), network.address ?? '')
      expect(code).toBe(1)
      expect(console.printed).toEqual([
        '+ node "c" (Sink)',
        '+ wire a.Output -> c.Input',
        '- node "b" (Sink)',
        '- wire a.Output -> b.Input',
      ])
    } finally {
      await network.shutdown({ drainMs: 0 })
    }
  })

  it('says where a file cannot be read', async () => {
    const broken = path.join(folder, 'broken.graph.json')
    writeFileSync(broken, '{\n "a"\n}')
    const { code, console } = await millrace('diff', broken, broken)
    expect([code, console.complained]).toEqual([
      1,
      [expect.stringMatching(/broken\.graph\.json:3:1: .*\[FILE_INVALID\]$/)],
    ])
  })
})

describe('millrace merge', () => {
  it('writes over ours what both sides made of the base, as a merge driver does', async () => {
    const files = [
      write('base.graph.json', base),
      write('ours.graph.json', base, set('scale', 2)),
      write('theirs.graph.json', base, set('mode', 'slow')),
    ] as const
    const { code, console } = await millrace('merge', ...files)
    expect([code, console.printed, console.complained]).toEqual([0, [], []])
    const merged = parseGraph(readFileSync(files[1], 'utf8'), 'merged')
    expect(merged.processes?.['a']?.metadata).toEqual({ scale: 2, mode: 'slow' })
  })

  it('names each conflict, and leaves our side standing', async () => {
    const ours = write('o.graph.json', base, set('scale', 2))
    const output = path.join(folder, 'out.graph.json')
    const args = [write('b.graph.json', base), ours, write('t.graph.json', base, set('scale', 3)), '-o', output]
    const { code, console } = await millrace('merge', ...args)
    expect(code).toBe(1)
    expect(console.printed).toEqual([
      `${output}: conflict MERGE_CONFLICT node "a", metadata.scale: both changed it, differently; ours stands`,
    ])
    expect(readFileSync(output, 'utf8')).toBe(readFileSync(ours, 'utf8'))
    const asJson = await millrace('merge', ...args, '--json')
    expect(asJson.console.printed.map((line) => JSON.parse(line) as unknown)).toMatchObject([
      { type: 'conflict', code: 'MERGE_CONFLICT', name: 'a', base: 1, ours: 2, theirs: 3 },
    ])
  })

  it('writes nothing when a file cannot be read', async () => {
    const ours = write('kept.graph.json', base)
    const before = readFileSync(ours, 'utf8')
    const { code, console } = await millrace('merge', ours, ours, path.join(folder, 'none.graph.json'))
    expect([code, console.complained]).toEqual([1, [expect.stringContaining('[FILE_NOT_FOUND]')]])
    expect(readFileSync(ours, 'utf8')).toBe(before)
  })
})
