import { describe, expect, it } from 'vitest'
import { answerRegistry } from '../../src/peer/registry-routes.ts'
import { Registry } from '../../src/peer/registry.ts'

function makeRegistry() {
  const clock = { ms: 0, now: () => 1_700_000_000_000 + clock.ms, monotonicMs: () => clock.ms }
  return { clock, registry: new Registry(clock) }
}

const entry = (name: string, more: object = {}) => ({
  network_id: name,
  instance_id: `${name}_001`,
  endpoint: '10.0.0.7:9001',
  capabilities: ['actor_messaging'],
  ...more,
})

describe('a registry', () => {
  it('lists what was registered as Reflow writes it, until its time is over', () => {
    const { clock, registry } = makeRegistry()
    registry.register(entry('data', { ttl_ms: 5_000 }), '10.0.0.7')
    registry.register(entry('ml'), '10.0.0.8')
    expect(registry.list()[0]).toEqual({
      network_id: 'data',
      instance_id: 'data_001',
      endpoint: '10.0.0.7:9001',
      capabilities: ['actor_messaging'],
      tags: [],
      secure: false,
      last_seen: '2023-11-14T22:13:20.000Z',
    })
    clock.ms = 4_000
    registry.register(entry('data', { ttl_ms: 5_000 }), '10.0.0.7')
    clock.ms = 8_000
    expect(registry.list()).toHaveLength(2)
    clock.ms = 9_000
    expect(registry.list().map(({ network_id }) => network_id)).toEqual(['ml'])
    // One that gives no time, as Reflow's never do, lives for five minutes.
    clock.ms = 300_000
    expect(registry.list()).toEqual([])
  })

  it('is narrowed down by network, capabilities and tags, all of them', () => {
    const { registry } = makeRegistry()
    registry.register(entry('data', { capabilities: ['a', 'b'], tags: ['eu'] }), '10.0.0.7')
    registry.register(entry('ml', { capabilities: ['a'], tags: ['eu', 'gpu'] }), '10.0.0.7')
    const names = (filter: Parameters<Registry['list']>[0]) => registry.list(filter).map(({ network_id }) => network_id)
    expect(names({ capabilities: ['a'] })).toEqual(['data', 'ml'])
    expect(names({ capabilities: ['a', 'b'] })).toEqual(['data'])
    expect(names({ tags: ['eu'], capabilities: ['a'], networkId: 'ml' })).toEqual(['ml'])
    expect(names({ tags: ['us'] })).toEqual([])
  })

  it('gives an endpoint of any address the one that it came from', () => {
    const { registry } = makeRegistry()
    registry.register(entry('a', { endpoint: '0.0.0.0:9001' }), '10.0.0.9')
    registry.register(entry('b', { endpoint: '[::]:9001' }), 'fd00::2')
    registry.register(entry('c', { endpoint: '0.0.0.0:9001' }), '::ffff:10.0.0.9')
    expect(registry.list().map(({ endpoint }) => endpoint)).toEqual([
      '10.0.0.9:9001',
      '[fd00::2]:9001',
      '10.0.0.9:9001',
    ])
  })

  it('lets nobody take over or remove the entry of another address', () => {
    const { registry } = makeRegistry()
    registry.register(entry('data'), '10.0.0.7')
    expect(() => registry.register(entry('data'), '10.0.0.8')).toThrow(
      expect.objectContaining({ code: 'DUPLICATE_ID' }),
    )
    expect(() => registry.remove('data', 'data_001', '10.0.0.8')).toThrow(
      expect.objectContaining({ code: 'FORBIDDEN' }),
    )
    expect(registry.remove('data', 'data_001', '10.0.0.7')).toBe(true)
    expect(registry.remove('data', 'data_001', '10.0.0.7')).toBe(false)
  })

  it('takes 64 entries of one address, and then still those of others', () => {
    const { registry } = makeRegistry()
    for (let number = 0; number < 64; number++) registry.register(entry(`n${number}`), '10.0.0.7')
    expect(() => registry.register(entry('more'), '10.0.0.7')).toThrow(
      expect.objectContaining({ code: 'LINK_REFUSED' }),
    )
    registry.register(entry('n5'), '10.0.0.7')
    registry.register(entry('more'), '10.0.0.8')
    expect(registry.list()).toHaveLength(65)
  })

  it.each([
    undefined,
    [],
    'text',
    {},
    entry('data', { endpoint: 'nowhere' }),
    entry('data', { network_id: '' }),
    entry('two\nlines'),
    entry('data', { instance_id: 7 }),
    entry('data', { capabilities: 'all' }),
    entry('data', { capabilities: Array.from({ length: 33 }, String) }),
    entry('data', { tags: [1] }),
    entry('data', { ttl_ms: -1 }),
    entry('data', { ttl_ms: Number.NaN }),
    entry('x'.repeat(201)),
  ])('refuses %j', (body) => {
    const { registry } = makeRegistry()
    expect(() => registry.register(body, '10.0.0.7')).toThrow(expect.objectContaining({ code: 'MESSAGE_INVALID' }))
    expect(registry.list()).toEqual([])
  })
})

describe('the routes of a registry', () => {
  const ask = (registry: Registry, method: string, target: string, body?: unknown) => {
    const [path = '', query = ''] = target.split('?')
    return answerRegistry(
      {
        method,
        path,
        query: new URLSearchParams(query),
        body: body === undefined ? '' : JSON.stringify(body),
        remoteAddress: '10.0.0.7:50000',
        authorization: undefined,
        loopback: false,
      },
      registry,
    )
  }

  it('register, list, and remove', () => {
    const { registry } = makeRegistry()
    expect(ask(registry, 'POST', '/register', entry('data nord', { tags: ['a b'] }))).toMatchObject({ status: 200 })
    expect(ask(registry, 'GET', '/networks?tag=a%20b')).toMatchObject({
      status: 200,
      body: [{ network_id: 'data nord' }],
    })
    expect(ask(registry, 'GET', '/networks?capability=none')).toMatchObject({ status: 200, body: [] })
    expect(ask(registry, 'DELETE', '/networks/data%20nord/data%20nord_001')).toMatchObject({ status: 200 })
    expect(ask(registry, 'DELETE', '/networks/data%20nord/data%20nord_001')).toMatchObject({ status: 404 })
  })

  it('say what is wrong, and leave others alone', () => {
    const { registry } = makeRegistry()
    expect(ask(registry, 'POST', '/register')).toMatchObject({
      status: 400,
      body: { error: { code: 'MESSAGE_INVALID' } },
    })
    expect(ask(registry, 'GET', '/register')).toMatchObject({ status: 405 })
    expect(ask(registry, 'PUT', '/networks')).toMatchObject({ status: 405 })
    expect(ask(registry, 'GET', '/networks/a/b')).toMatchObject({ status: 405 })
    expect(ask(registry, 'GET', '/status')).toBeUndefined()
  })
})
