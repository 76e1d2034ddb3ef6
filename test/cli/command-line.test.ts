import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runCommandLine } from '../../src/cli/command-line.ts'
import { installationAt } from '../../src/cli/installation.ts'
import { FakeConsole } from './fake-console.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'millrace-cli-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

async function millrace(...args: string[]): Promise<{ code: number; console: FakeConsole }> {
  const console = new FakeConsole()
  const code = await runCommandLine(args, console, installationAt(path.resolve('out/main')))
  return { code, console }
}

function write(name: string, content: unknown): string {
  const file = path.join(folder, name)
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content, undefined, 2))
  return file
}

describe('the command line', () => {
  it.each([
    [['opne'], /unknown command 'opne' \(Did you mean open\?\)/],
    [['run', 'x', '--jsn'], /unknown option '--jsn' \(Did you mean --json\?\)/],
    [['run'], /missing required argument 'file'/],
    [['run', 'x', '--for', '20'], /such as 500ms, 20s/],
    [['serve', '--port-base', '80'], /from 1024 to 65000/],
    [['status', 'nowhere'], /host:port/],
    [['send', '9001', 'node', 'Port'], /missing required argument 'json'/],
  ])('answers %j with one line and exit code 2', async (args, complaint) => {
    const { code, console } = await millrace(...args)
    expect(code).toBe(2)
    expect(console.complained).toEqual([expect.stringMatching(complaint)])
    expect(console.complained[0]).toMatch(/^millrace: [^\n]*\[USAGE\]$/)
    expect(console.printed).toEqual([])
  })

  it.each(['open', 'serve', 'run', 'check', 'status', 'send'])('explains %s with examples', async (command) => {
    const { code, console } = await millrace(command, '--help')
    expect(code).toBe(0)
    expect(console.printed.join('\n')).toContain(`millrace ${command}`)
    expect(console.printed.join('\n')).toContain('Examples:')
  })

  it('moves ports with every command that opens a lab', async () => {
    for (const command of ['open', 'serve', 'run'])
      expect((await millrace(command, '--help')).console.printed.join('\n')).toContain('--port-base')
  })

  it('explains itself when it is called with nothing', async () => {
    const { code, console } = await millrace()
    expect(code).toBe(2)
    expect(console.complained.join('\n')).toContain('Usage: millrace')
  })

  it.each([
    [['run', 'missing.lab.json'], 'FILE_NOT_FOUND'],
    [['open', 'missing.lab.json'], 'FILE_NOT_FOUND'],
    [['serve', 'missing.lab.json'], 'FILE_NOT_FOUND'],
    [['check', 'missing.lab.json'], 'FILE_NOT_FOUND'],
    [['serve', '--host', '0.0.0.0'], 'BIND_REFUSED'],
    [['serve', '--cert', 'a.pem'], 'USAGE'],
    [['send', '9001', 'n', 'p', '{'], 'MESSAGE_INVALID'],
    [['send', '9001', 'n', 'p', '1', '--token-file', '/nowhere'], 'FILE_NOT_FOUND'],
  ])('fails %j with one line that ends in %s', async (args, errorCode) => {
    const { code, console } = await millrace(...args)
    expect(code).toBe(errorCode === 'USAGE' ? 2 : 1)
    expect(console.complained).toEqual([expect.stringMatching(new RegExp(`^millrace: [^\n]* \\[${errorCode}\\]$`))])
  })

  it('refuses a token file that holds nothing', async () => {
    const { code, console } = await millrace('status', '9001', '--token-file', write('empty', ' \n'))
    expect([code, console.complained[0]]).toEqual([1, expect.stringContaining('[TOKEN_MISSING]')])
  })
})

describe('millrace check', () => {
  const instance = { networkId: 'a', instanceId: '1', graph: 'g.graph.json' }
  const graph = { caseSensitive: true, properties: { name: 'g' }, processes: { x: { id: 'x', component: 'Nothing' } } }

  it('finds nothing in the shipped examples', async () => {
    const examples = ['weather.lab.json', 'tutorial.lab.json'].map((name) =>
      path.resolve('resources/examples/ml-pipeline', name),
    )
    const { code, console } = await millrace('check', ...examples)
    expect(console.printed.filter((line) => line.includes(': error '))).toEqual([])
    expect(code).toBe(0)
  })

  it('prints each finding with its place and exits 1 on errors', async () => {
    write('g.graph.json', graph)
    const file = write('bad.lab.json', { millrace: 1, instances: [{ ...instance, authToken: 's3cret' }] })
    const { code, console } = await millrace('check', file)
    expect(code).toBe(1)
    expect(console.printed).toContainEqual(expect.stringMatching(/bad\.lab\.json:8:20: error TOKEN_BARE /))
    expect(console.printed).toContainEqual(expect.stringMatching(/g\.graph\.json:9:20: error ACTOR_UNKNOWN /))
    expect(console.printed.join('\n')).not.toContain('s3cret')
    expect(console.complained).toEqual([expect.stringMatching(/^1 file checked: 2 errors, \d+ warnings?$/)])
  })

  it('prints lines of JSON and exits 0 on warnings alone', async () => {
    write('w.graph.json', { ...graph, processes: {} })
    const file = write('warn.lab.json', {
      millrace: 1,
      instances: [{ ...instance, graph: 'w.graph.json', authToken: '${env:T:x}' }],
    })
    const { code, console } = await millrace('check', file, '--json')
    expect(code).toBe(0)
    expect(console.printed.map((line) => JSON.parse(line))).toEqual([
      expect.objectContaining({ type: 'finding', file, code: 'TOKEN_FALLBACK', severity: 'warning', line: 8 }),
    ])
  })

  it('says where a file stops being JSON', async () => {
    const file = write('broken.lab.json', '{\n "millrace": 1,\n}')
    const { code, console } = await millrace('check', file)
    expect(code).toBe(1)
    expect(console.printed).toEqual([expect.stringMatching(/broken\.lab\.json:3:1: error FILE_INVALID expected a key/)])
  })
})
