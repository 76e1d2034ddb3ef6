import { describe, expect, it } from 'vitest'
import { checkLab, configPorts, type LabFile, type LabInstance } from '../../src/graph/index.ts'
import { catalogue, graph } from './fixtures.ts'

const instance = (change: Partial<LabInstance>): LabInstance => ({
  networkId: 'a',
  instanceId: '1',
  graph: 'g',
  ...change,
})

function found(instances: LabInstance[], graphs = {}, env?: Record<string, string>): string[] {
  return checkLab({ millrace: 1, instances }, undefined, graphs, catalogue, env).map(
    ({ severity, code, pointer }) => `${severity} ${code} ${pointer}`,
  )
}

describe('checkLab', () => {
  it('finds nothing in a good lab', () => {
    const first = instance({ bindPort: 9001, authToken: '${env:A}', exports: ['x'] })
    expect(
      found([first, instance({ networkId: 'b', bindPort: 0, bindAddress: '::1' })], { g: graph({ x: 'Source' }) }),
    ).toEqual([])
  })

  it('finds names and ports that are used twice', () => {
    expect(
      found([
        instance({ bindPort: 9001 }),
        instance({ bindPort: 9001 }),
        instance({ networkId: 'b', bindAddress: '127.0.0.2', bindPort: 9001 }),
      ]),
    ).toEqual(['error INSTANCE_DUPLICATE /instances/1/instanceId', 'error PORT_DUPLICATE /instances/1/bindPort'])
  })

  it('finds a port that an actor of another instance listens on, given or by default', () => {
    const graphs = { front: graph({ http: 'Front' }), given: graph({ http: ['Front', { port: 9002 }] }) }
    const instances = [
      instance({ bindPort: 9080 }),
      instance({ networkId: 'b', graph: 'front', bindPort: 9002 }),
      instance({ networkId: 'c', graph: 'given' }),
    ]
    expect(found(instances, graphs)).toEqual([
      'error PORT_DUPLICATE /instances/1/graph',
      'error PORT_DUPLICATE /instances/2/graph',
    ])
  })

  it('refuses bare tokens, and warns of fallbacks, the safe store and variables that are not set', () => {
    const first = instance({
      authToken: 'secret',
      acceptTokens: ['${env:A:known}'],
      peers: [
        { endpoint: 'h:1', token: '${safe:k}' },
        { endpoint: 'h:2', token: '${env:B}' },
      ],
    })
    expect(found([first])).toEqual([
      'error TOKEN_BARE /instances/0/authToken',
      'warning TOKEN_FALLBACK /instances/0/acceptTokens/0',
      'warning TOKEN_IN_SAFE_STORE /instances/0/peers/0/token',
    ])
    expect(found([first], {}, {})).toContain('warning TOKEN_MISSING /instances/0/peers/1/token')
  })

  it('never repeats a bare token', () => {
    const findings = checkLab({ millrace: 1, instances: [instance({ authToken: 's3cret' })] }, undefined, {}, catalogue)
    expect(JSON.stringify(findings)).not.toContain('s3cret')
  })

  it('refuses an address that others reach without a token, or without a waiver of encryption', () => {
    const open = { bindAddress: '0.0.0.0' }
    const refused = 'error BIND_REFUSED /instances/0/bindAddress'
    expect(found([instance(open)])).toEqual([refused, refused])
    expect(found([instance({ ...open, allowInsecure: true })])).toEqual([refused])
    expect(found([instance({ ...open, authToken: '${env:A}' })])).toEqual([refused])
    expect(found([instance({ ...open, authToken: '${env:A}', allowInsecure: true })])).toEqual([])
    const [finding] = checkLab(
      { millrace: 1, instances: [instance({ ...open, authToken: '${env:A}' })] },
      undefined,
      {},
      catalogue,
    )
    expect(finding?.message).toBe(
      '"0.0.0.0" can be reached by other machines, and links are not encrypted: give it "tls", or set "allowInsecure": true to accept that, or bind 127.0.0.1',
    )
  })

  it('warns of keys that nothing reads, and suggests the one that was probably meant', () => {
    const peer = { endpoint: 'h:1', tokn: '${env:A}' }
    const lab: LabFile = {
      $schema: 's',
      millrace: 1,
      window: {},
      nmae: 'x',
      instances: [{ ...instance({ peers: [peer] }), bindprt: 9001, colour: 'blue' }],
    }
    const findings = checkLab(lab, undefined, {}, catalogue)
    expect(findings.map(({ severity, code, pointer, message }) => [severity, code, pointer, message])).toEqual([
      ['warning', 'KEY_UNKNOWN', '/nmae', 'unknown key "nmae"; did you mean "name"?'],
      ['warning', 'KEY_UNKNOWN', '/instances/0/bindprt', 'unknown key "bindprt"; did you mean "bindPort"?'],
      ['warning', 'KEY_UNKNOWN', '/instances/0/colour', 'unknown key "colour"; it is kept, but does nothing'],
      ['warning', 'KEY_UNKNOWN', '/instances/0/peers/0/tokn', 'unknown key "tokn"; did you mean "token"?'],
    ])
  })

  it('refuses exports of nodes that are not there or not its own, and peers that are itself', () => {
    const first = instance({ bindPort: 9001, exports: ['y', 'far'], peers: [{ endpoint: 'localhost:9001' }] })
    expect(found([first], { g: graph({ x: 'Source', far: 'x@b' }) })).toEqual([
      'error PEER_UNKNOWN /instances/0/peers',
      'error NODE_UNKNOWN /instances/0/exports/0',
      'error NOT_EXPORTED /instances/0/exports/1',
    ])
  })
})

describe('a port that nodes share', () => {
  it('is wrong for the same route, in another instance, and for what does not share', () => {
    const front = (config: Record<string, unknown>) => ({
      front: ['Shared', { port: 9090, ...config }] as [string, Record<string, unknown>],
    })
    const inOne = (...configs: Record<string, unknown>[]) =>
      found([instance({})], {
        g: graph(Object.fromEntries(configs.map((config, index) => [`n${index}`, front(config).front]))),
      })
    expect(inOne({ path: '/a' }, { path: '/b' }, { path: '/a', method: 'GET' }, {})).toEqual([])
    expect(inOne({ path: '/a' }, { path: '/a' })).toEqual(['error PORT_DUPLICATE /instances/0/graph'])
    expect(
      found([instance({}), instance({ networkId: 'b', graph: 'h' })], {
        g: graph(front({ path: '/a' })),
        h: graph(front({ path: '/b' })),
      }),
    ).toEqual(['error PORT_DUPLICATE /instances/1/graph'])
  })
})

describe('configPorts', () => {
  it('finds declared ports wherever they stand, with defaults', () => {
    const port = { type: 'integer', format: 'port' }
    const schema = {
      properties: {
        port: { ...port, default: 80 },
        list: { items: { properties: { at: port } } },
        other: { type: 'integer' },
      },
    }
    expect(configPorts({ list: [{ at: 1 }, {}], other: 9 }, schema)).toEqual([
      { path: ['port'], port: 80, given: false },
      { path: ['list', 0, 'at'], port: 1, given: true },
    ])
  })
})
