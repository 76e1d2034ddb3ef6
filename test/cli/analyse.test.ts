import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runCommandLine } from '../../src/cli/command-line.ts'
import { installationAt } from '../../src/cli/installation.ts'
import { formatFile } from '../../src/graph/index.ts'
import { DistributedNetwork } from '../../src/lab/index.ts'
import { defineActor } from '../../src/runtime/index.ts'
import { graph, wire } from '../graph/fixtures.ts'
import { FakeConsole } from './fake-console.ts'

let folder: string
let file: string
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'millrace-analyse-'))
  file = path.join(folder, 'a.graph.json')
  const wires = [wire('a.Out', 'c.In'), wire('b.Out', 'c.In'), wire('c.Out', 'd.In'), wire('d.Out', 'c.In')]
  writeFileSync(file, formatFile(graph({ a: 'P', b: 'P', c: 'P', d: 'P' }, wires)))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

async function millrace(...args: string[]): Promise<{ code: number; printed: string[]; complained: string[] }> {
  const console = new FakeConsole()
  const code = await runCommandLine(args, console, installationAt(path.resolve('out/main')))
  return { code, printed: console.printed, complained: console.complained }
}

describe('millrace analyse', () => {
  it('says of a graph what can run at once, what is longest and what may hold it up', async () => {
    const { code, printed } = await millrace('analyse', file, '--node', 'd')
    expect(code).toBe(0)
    expect(printed).toEqual([
      file,
      '4 nodes, 4 wires, 1 part, 1 cycle',
      '',
      'stages (at most 2 nodes at the same time)',
      '  1  a, b',
      '  2  c',
      '  3  d',
      '',
      'critical path (3 nodes)',
      '  a -> c -> d',
      '',
      'what may hold up the rest',
      '  "c": 100 % of the ways lead through it; messages come on 2 ways, from 2 nodes',
      '  "d": 100 % of the ways lead through it; messages come on 2 ways, from one node',
      '',
      'cycles',
      '  c, d',
      '',
      'ways (2)',
      '  a -> c -> d',
      '  b -> c -> d',
      '',
      'what leads to "d"',
      '  a, b, c, d',
      '',
      'what "d" leads to',
      '  c, d',
    ])
  })

  it('says of a lab the same for each of its graphs, once, as lines of JSON', async () => {
    const instances = ['1', '2'].map((instanceId) => ({ networkId: 'n', instanceId, graph: 'a.graph.json' }))
    const lab = path.join(folder, 'a.lab.json')
    writeFileSync(lab, JSON.stringify({ millrace: 1, instances }))
    const { printed } = await millrace('analyse', lab, '--json', '--from', 'a', '--limit', '0')
    expect(printed.map((line) => JSON.parse(line) as unknown)).toMatchObject([
      { type: 'analysis', instances: ['n/1', 'n/2'], analysis: { nodes: 4, ways: { count: 1, listed: [] } } },
    ])
    const unknown = await millrace('analyse', lab, '--node', 'nobody')
    expect(unknown.code).toBe(1)
    expect(unknown.complained).toEqual([expect.stringMatching(/no graph of .* has "nobody".*\[NODE_UNKNOWN\]$/)])
  })

  it('says of what runs where the time goes and who blocks whom', async () => {
    const network = new DistributedNetwork({ networkId: 'n', instanceId: '1' })
    const source = defineActor({
      name: 'Source',
      inports: { Input: {} },
      outports: { Output: { capacity: 1 } },
      run: ({ inputs }) => ({ Output: inputs.Input }),
    })
    // It never ends: what comes to it stands.
    const slow = defineActor({
      name: 'Slow',
      inports: { Input: { capacity: 1 } },
      run: ({ signal }) =>
        new Promise<undefined>((resolve) => signal.addEventListener('abort', () => resolve(undefined))),
    })
    network.registerLocalActor('source', source)
    network.registerLocalActor('slow', slow)
    network.connect({ node: 'source', port: 'Output' }, { node: 'slow', port: 'Input' })
    await network.start()
    try {
      for (let number = 0; number < 6; number++) network.local.send('source', 'Input', number)
      const { code, printed } = await millrace('analyse', network.address ?? '')
      expect(code).toBe(0)
      expect(printed).toContainEqual(
        expect.stringMatching(
          /^ {2}"source" is blocked \d+ % of the time by "slow" \(source\.Output -> slow\.Input\), which is busy$/,
        ),
      )
      expect(printed).toContainEqual(expect.stringMatching(/^ {2}"slow": 1 wait and none is taken/))
    } finally {
      await network.shutdown({ drainMs: 0 })
    }
  })

  it('refuses what is wrong in one line', async () => {
    for (const [args, code, line] of [
      [['missing.graph.json'], 1, /FILE_NOT_FOUND/],
      [[folder], 1, /it is a folder; give a lab or graph file, such as .*a\.(lab|graph)\.json/],
      [[file, '--node', 'dd'], 1, /there is no node "dd"; did you mean "d"\? \[NODE_UNKNOWN\]/],
      [[file, '--limit', 'few'], 2, /whole number from 0 to 1000/],
      [['localhost:1'], 1, /PEER_UNREACHABLE/],
      [[], 2, /missing required argument/],
    ] as const) {
      const outcome = await millrace('analyse', ...args)
      expect([outcome.code, outcome.printed, outcome.complained]).toEqual([code, [], [expect.stringMatching(line)]])
    }
  })
})
