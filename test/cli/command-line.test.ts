import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
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
    [['opne'], /unknown command 'opne' \(Did you mean open\?\); see "millrace --help"/],
    [['run', 'x', '--jsn'], /unknown option '--jsn' \(Did you mean --json\?\)/],
    [['run'], /missing required argument 'file'/],
    [
      ['run', 'x', '--for', 'abc'],
      /argument 'abc' is invalid: expected a time above 0 with its unit, such as 500ms, 20s, 5m or 2h; see "millrace run --help" \[USAGE\]$/,
    ],
    [['run', 'x', '--port-base', '0'], /'0' is invalid: expected a port from 1024 to 65000; see/],
    [
      ['open', '--port-base', '70000'],
      /'70000' is invalid: expected a port from 1024 to 65000; see "millrace open --help"/,
    ],
    [['serve', '--port', '70000'], /expected a port from 0 to 65535; see "millrace serve --help"/],
    [['status', 'nowhere'], /expected host:port, such as 127\.0\.0\.1:9001; see "millrace status --help"/],
    [['send', '9001', 'node', 'Port'], /missing required argument 'json'/],
    [
      ['send', '9001', 'n', 'p', '1', '--kind', 'flaot'],
      /there is no kind "flaot"; did you mean "float"\?; the kinds are flow, event, .*networkEvent; see "millrace send --help"/,
    ],
    [['token', 'list', 'my.lab.json'], /missing required argument 'instance'; see "millrace token list --help"/],
    [['bench', 'chian', 'chain'], /there is no bench "chian"; known: chain, mixed, .*spawn/],
    [
      ['bench', '--runs', 'few'],
      /'few' is invalid: expected a whole number from 1 to 999; see "millrace bench --help"/,
    ],
  ])('answers %j with one line and exit code 2', async (args, complaint) => {
    const { code, console } = await millrace(...args)
    expect(code).toBe(2)
    expect(console.complained).toEqual([expect.stringMatching(complaint)])
    expect(console.complained[0]).toMatch(/^millrace: [^\n]*\[USAGE\]$/)
    expect(console.printed).toEqual([])
  })

  it.each(['open', 'serve', 'run', 'check', 'status', 'send', 'bench'])(
    'explains %s with examples',
    async (command) => {
      const { code, console } = await millrace(command, '--help')
      expect(code).toBe(0)
      expect(console.printed.join('\n')).toContain(`millrace ${command}`)
      expect(console.printed.join('\n')).toContain('Examples:')
    },
  )

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
    [['serve', '--host', '0.0.0.0'], 'BIND_REFUSED'],
    [['serve', '--cert', 'a.pem'], 'USAGE'],
    [['send', '9001', 'n', 'p', '{'], 'MESSAGE_INVALID'],
    [['send', '9001', 'n', 'p', '1.5', '--kind', 'integer'], 'MESSAGE_INVALID'],
    [['send', '9001', 'n', 'p', '[1]', '--kind', 'object'], 'MESSAGE_INVALID'],
    [['send', '9001', 'n', 'p', '[256]', '--kind', 'encoded'], 'MESSAGE_INVALID'],
    [['send', '9001', 'n', 'p', '1', '--kind', 'flow'], 'MESSAGE_INVALID'],
    [['send', '9001', 'n', 'p', '{}', '--kind', 'Error'], 'MESSAGE_INVALID'],
    [['send', '9001', 'n', 'p', '{"type":"Object","data":1}'], 'MESSAGE_INVALID'],
    [['send', '9001', 'n', 'p', '1', '--token-file', '/nowhere'], 'FILE_NOT_FOUND'],
  ])('fails %j with one line that ends in %s', async (args, errorCode) => {
    const { code, console } = await millrace(...args)
    expect(code).toBe(errorCode === 'USAGE' ? 2 : 1)
    expect(console.complained).toEqual([expect.stringMatching(new RegExp(`^millrace: [^\n]* \\[${errorCode}\\]$`))])
  })

  it.each(['open', 'serve', 'run'])('says what to give when %s is given a folder', async (command) => {
    const labs = path.join(folder, command)
    mkdirSync(labs)
    const empty = await millrace(command, labs)
    expect([empty.code, empty.console.complained]).toEqual([
      1,
      [`millrace: ${labs}: it is a folder; give a lab or graph file [FILE_NOT_FOUND]`],
    ])
    writeFileSync(path.join(labs, 'my.lab.json'), '{}')
    writeFileSync(path.join(labs, 'my.graph.json'), '{}')
    const { console } = await millrace(command, labs)
    expect(console.complained).toEqual([
      `millrace: ${labs}: it is a folder; give a lab or graph file, such as ${path.join(labs, 'my.lab.json')} [FILE_NOT_FOUND]`,
    ])
  })

  it('says whether a token is missing or not accepted', async () => {
    const server = createServer((_request, response) => response.writeHead(401).end()).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const peer = `127.0.0.1:${(server.address() as AddressInfo).port}`
    const token = write('token', 'wrong')
    const without = await millrace('status', peer)
    const wrong = await millrace('status', peer, '--token-file', token)
    server.close()
    expect([...without.console.complained, ...wrong.console.complained]).toEqual([
      `millrace: ${peer} asks for a token; set MILLRACE_TOKEN or give --token-file [AUTH_FAILED]`,
      `millrace: ${peer} does not accept the token that was given; check MILLRACE_TOKEN or --token-file [AUTH_FAILED]`,
    ])
    expect([without.code, wrong.code]).toEqual([1, 1])
  })

  it('says who can read the status without a token', async () => {
    const { console } = await millrace('status', '--help')
    expect(console.printed.join('\n')).toMatch(/any user of this machine can read it without a token/)
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

  it('counts a file that is not there among the findings', async () => {
    const { code, console } = await millrace('check', 'missing.lab.json')
    expect(code).toBe(1)
    expect(console.printed).toEqual(['missing.lab.json: error FILE_NOT_FOUND missing.lab.json: there is no such file'])
    expect(console.complained).toEqual(['1 file checked: 1 error, 0 warnings'])
  })

  it('says where in the lab file a graph is named that is not there', async () => {
    const file = write('gone.lab.json', { millrace: 1, instances: [{ ...instance, graph: 'gone.graph.json' }] })
    const { code, console } = await millrace('check', file)
    expect(code).toBe(1)
    expect(console.printed).toEqual([
      expect.stringMatching(
        /gone\.lab\.json:7:16: error FILE_NOT_FOUND the graph .*gone\.graph\.json: there is no such file$/,
      ),
    ])
  })

  it('says where a file stops being JSON', async () => {
    const file = write('broken.lab.json', '{\n "millrace": 1,\n}')
    const { code, console } = await millrace('check', file)
    expect(code).toBe(1)
    expect(console.printed).toEqual([expect.stringMatching(/broken\.lab\.json:3:1: error FILE_INVALID expected a key/)])
  })
})
