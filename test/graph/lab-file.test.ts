import { describe, expect, it } from 'vitest'
import { fileKind, labOfGraph, parseEndpoint, parseLab } from '../../src/graph/index.ts'
import { graph } from './fixtures.ts'

const lab = {
  millrace: 1,
  name: 'ML pipeline',
  window: { panels: [1, 2] },
  instances: [
    {
      networkId: 'data_instance',
      instanceId: 'data_001',
      bindAddress: '127.0.0.1',
      bindPort: 9001,
      authToken: '${env:DATA_TOKEN:data_token}',
      graph: 'data.graph.json',
      exports: ['data_processor'],
      isolation: 'thread',
      colour: 'blue',
    },
    {
      networkId: 'ml_instance',
      instanceId: 'ml_001',
      bindPort: 9002,
      graph: 'ml.graph.json',
      peers: [{ endpoint: '127.0.0.1:9001', token: '${env:DATA_TOKEN}', note: 'x' }],
      dialects: ['reflow'],
      registry: true,
    },
  ],
}
const parse = (value: unknown) => parseLab(JSON.stringify(value, undefined, 1), 'my.lab.json')
const withInstance = (change: Record<string, unknown>) => ({
  millrace: 1,
  instances: [{ ...lab.instances[0], ...change }],
})

describe('parseLab', () => {
  it('reads the lab of the design and keeps unknown fields', () => {
    expect(parse(lab)).toEqual(lab)
  })

  it('fills in no defaults', () => {
    const bare = { millrace: 1, instances: [{ networkId: 'a', instanceId: 'b', graph: 'c' }] }
    expect(parse(bare)).toEqual(bare)
  })

  it('asks for an update when the file is newer, whatever else is in it', () => {
    expect(() => parse({ millrace: 2, instances: 'elsewhere' })).toThrow(
      expect.objectContaining({
        code: 'FILE_VERSION',
        message: expect.stringMatching(/^my.lab.json:2:14: .*version 2.*update/),
      }),
    )
  })

  it.each([
    [{ instances: [] }, 'millrace: is missing'],
    [{ millrace: 1 }, 'instances: is missing'],
    [withInstance({ networkId: 'a/b' }), 'instances[0].networkId: expected a name'],
    [withInstance({ instanceId: '' }), 'instances[0].instanceId: expected a name'],
    [withInstance({ networkId: 'a\u0007' }), 'instances[0].networkId: expected a name'],
    [withInstance({ bindPort: 70_000 }), 'instances[0].bindPort: expected a port from 0 to 65535'],
    [withInstance({ bindPort: '9001' }), 'instances[0].bindPort: expected a number, found "9001"'],
    [withInstance({ peers: [{ endpoint: '9001' }] }), 'instances[0].peers[0].endpoint: expected "host:port"'],
    [
      withInstance({ isolation: 'vm' }),
      'instances[0].isolation: expected "thread" or "process" or "inline", found "vm"',
    ],
    [withInstance({ dialects: ['other'] }), 'instances[0].dialects[0]: expected "reflow", found "other"'],
    [withInstance({ graph: undefined }), 'instances[0].graph: is missing'],
    [withInstance({ maxConnections: 0 }), 'instances[0].maxConnections: expected a number of connections'],
  ])('refuses %j', (value, message) => {
    expect(() => parse(value)).toThrow(
      expect.objectContaining({ code: 'FILE_INVALID', message: expect.stringContaining(message) }),
    )
  })
})

describe('labOfGraph', () => {
  it('makes a lab of one instance that any port will do for', () => {
    expect(labOfGraph('my.graph.json', graph({}))).toEqual({
      millrace: 1,
      name: 'test',
      instances: [{ networkId: 'test', instanceId: 'test_001', bindPort: 0, graph: 'my.graph.json' }],
    })
  })

  it.each(['My graph / 2@home', '@', 'x'.repeat(300), '\u0000'])(
    'makes a lab that parses out of a graph called %j',
    (name) => {
      const made = labOfGraph('g.graph.json', graph({}, [], { name }))
      expect(parse(made)).toEqual(made)
    },
  )
})

describe('fileKind', () => {
  it('goes by the content, and by the name while the content cannot be read', () => {
    expect(fileKind(JSON.stringify(lab), 'x.json')).toBe('lab')
    expect(fileKind(JSON.stringify(graph({})), 'x.lab.json')).toBe('graph')
    expect(fileKind('{', 'x.lab.json')).toBe('lab')
    expect(fileKind('{', 'x.graph.json')).toBe('graph')
  })
})

describe('parseEndpoint', () => {
  it.each([
    ['127.0.0.1:9001', { host: '127.0.0.1', port: 9001 }],
    ['wss://peer.example:443/', { host: 'peer.example', port: 443 }],
    ['[::1]:9001', { host: '::1', port: 9001 }],
    ['host', undefined],
    ['host:0', undefined],
    ['host:65536', undefined],
    ['user@host:1', undefined],
    ['http://host:1', undefined],
  ])('reads %s', (text, expected) => {
    expect(parseEndpoint(text)).toEqual(expected)
  })
})
