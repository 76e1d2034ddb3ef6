import { mkdirSync, mkdtempSync, realpathSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { checkFile } from '../../src/lab/index.ts'
import { LabSource } from '../../src/lab/lab-source.ts'
import { TrustStore } from '../../src/lab/trust.ts'
import type { ActorDescription } from '../../src/shared/index.ts'

const catalogue: ActorDescription[] = [
  {
    name: 'Front',
    description: '',
    inports: {},
    outports: {},
    config: {
      type: 'object',
      properties: {
        port: { type: 'number', format: 'port', default: 9_080 },
        file: { type: 'string', format: 'path' },
      },
    },
  },
]

let folder: string
beforeEach(() => (folder = mkdtempSync(path.join(tmpdir(), 'millrace-lab-'))))
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function write(name: string, content: unknown): string {
  const file = path.join(folder, name)
  writeFileSync(file, JSON.stringify(content))
  return file
}

const graph = {
  caseSensitive: true,
  properties: { name: 'g' },
  processes: { front: { id: 'front', component: 'Front', metadata: { file: 'data/rows.csv' } } },
  connections: [],
}

function writeLab(instance: Record<string, unknown> = {}): string {
  write('g.graph.json', graph)
  return write('a.lab.json', {
    millrace: 1,
    name: 'A',
    instances: [
      {
        networkId: 'a',
        instanceId: '1',
        bindPort: 9_001,
        authToken: '${env:A_TOKEN:fallback}',
        graph: 'g.graph.json',
        ...instance,
      },
      {
        networkId: 'b',
        instanceId: '1',
        bindPort: 9_002,
        graph: 'g.graph.json',
        peers: [{ endpoint: '127.0.0.1:9001', token: '${env:A_TOKEN:fallback}' }],
      },
    ],
  })
}

const open = (file: string, env: Record<string, string> = {}, portBase?: number) =>
  new LabSource(file, { catalogue, env, portBase })

describe('a lab read from disk', () => {
  it('gives each instance what it needs: tokens found, paths absolute, ports moved', () => {
    const source = open(writeLab(), { A_TOKEN: 'secret' }, 19_000)
    const [a, b] = source.instances.map((instance) => source.specOf(instance))
    expect(a).toMatchObject({
      authToken: 'secret',
      bindPort: 19_001,
      bindAddress: '127.0.0.1',
      heartbeatIntervalMs: 2_000,
    })
    expect(b?.peers).toEqual([{ endpoint: '127.0.0.1:19001', token: 'secret' }])
    expect(a?.graph.processes?.['front']?.metadata).toEqual({
      file: path.join(source.folder, 'data/rows.csv'),
      port: 19_080,
    })
  })

  it('takes the fallback of a token whose variable is not set', () => {
    const source = open(writeLab())
    expect(source.specOf(source.instances[0]!).authToken).toBe('fallback')
  })

  it('names the instance and the variable when a token cannot be had, and still shows the lab', () => {
    const source = open(writeLab({ authToken: '${env:A_TOKEN}' }))
    expect(() => source.specOf(source.instances[0]!)).toThrow(
      expect.objectContaining({ code: 'TOKEN_MISSING', message: expect.stringMatching(/"a\/1".*A_TOKEN/) as string }),
    )
  })

  it('opens a lone graph as a lab of one instance', () => {
    const source = open(write('lone.graph.json', graph))
    expect(source.instances.map(({ name, bindPort }) => ({ name, bindPort }))).toEqual([
      { name: 'g/g_001', bindPort: 0 },
    ])
  })

  it('lists what running it would do beyond computing, and the variables it would read', () => {
    const source = open(writeLab({ bindAddress: '0.0.0.0' }))
    expect(source.abilities()).toEqual([
      'a/1 listens on 0.0.0.0, which other machines can reach',
      'node "front" of a/1 listens on port 9080',
      expect.stringMatching(/^node "front" of a\/1 reads the file .*rows\.csv$/),
      'node "front" of b/1 listens on port 9080',
      expect.stringMatching(/^node "front" of b\/1 reads the file .*rows\.csv$/),
    ])
    expect(source.environment()).toEqual(['A_TOKEN'])
  })

  it('says when graphs lie outside of its folder, links followed: they have to be trusted too', () => {
    const elsewhere = mkdtempSync(path.join(tmpdir(), 'millrace-elsewhere-'))
    const lab = writeLab()
    renameSync(path.join(folder, 'g.graph.json'), path.join(elsewhere, 'real.json'))
    symlinkSync(path.join(elsewhere, 'real.json'), path.join(folder, 'g.graph.json'))
    const source = open(lab)
    expect(source.folders).toEqual([realpathSync(folder), realpathSync(elsewhere)])
    expect(source.abilities()[0]).toBe(`the lab takes graphs from ${realpathSync(elsewhere)}`)
    rmSync(elsewhere, { recursive: true })
  })

  it.each([
    ['a file that is not there', () => path.join(folder, 'none.lab.json'), 'FILE_NOT_FOUND', /no such file/],
    [
      'a graph that is not there',
      () => writeLab({ graph: 'none.graph.json' }),
      'FILE_NOT_FOUND',
      /none\.graph\.json.*the graph of a\/1/,
    ],
    ['two instances of one name', () => writeLab({ networkId: 'b' }), 'INSTANCE_DUPLICATE', /"b\/1"/],
  ])('refuses %s, by name', (_what, make, code, message) => {
    const file = make()
    expect(() => open(file)).toThrow(
      expect.objectContaining({ code, message: expect.stringMatching(message) as string }),
    )
  })
})

describe('the check of a file', () => {
  it('finds the graphs where a run finds them: by absolute path, and from the real place of a linked lab', () => {
    const lab = writeLab()
    const errors = (file: string) => checkFile(file, {}).filter(({ code }) => code === 'FILE_NOT_FOUND')
    mkdirSync(path.join(folder, 'links'))
    symlinkSync(lab, path.join(folder, 'links/a.lab.json'))
    expect(errors(path.join(folder, 'links/a.lab.json'))).toEqual([])
    expect(errors(writeLab({ graph: path.join(folder, 'g.graph.json') }))).toEqual([])
    expect(errors(writeLab({ graph: 'none.graph.json' }))).toHaveLength(1)
  })

  it('finds a file that is not there to be an error rather than end the check', () => {
    expect(checkFile(path.join(folder, 'none.lab.json'))).toMatchObject([{ code: 'FILE_NOT_FOUND', severity: 'error' }])
  })
})

describe('trust', () => {
  it('is remembered outside the folder, for the folder and what lies below', () => {
    const stateDir = mkdtempSync(path.join(tmpdir(), 'millrace-state-'))
    expect(new TrustStore(stateDir).isTrusted(folder)).toBe(false)
    new TrustStore(stateDir).trust([folder])
    expect(new TrustStore(stateDir).isTrusted(folder)).toBe(true)
    expect(new TrustStore(stateDir).isTrusted(path.dirname(folder))).toBe(false)
    rmSync(stateDir, { recursive: true })
  })

  it('refuses a damaged list rather than trust by mistake', () => {
    const stateDir = mkdtempSync(path.join(tmpdir(), 'millrace-state-'))
    writeFileSync(path.join(stateDir, 'trusted-folders.json'), '{"folders": "')
    expect(() => new TrustStore(stateDir).isTrusted(folder)).toThrow(expect.objectContaining({ code: 'FILE_INVALID' }))
    rmSync(stateDir, { recursive: true })
  })
})
