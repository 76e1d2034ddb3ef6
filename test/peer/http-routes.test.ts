import { describe, expect, it } from 'vitest'
import { KeyRing } from '../../src/peer/key-ring.ts'
import { isLoopback, isOwnHost, parseAddress } from '../../src/peer/address.ts'
import { answerHttp } from '../../src/peer/http-routes.ts'
import type { HttpRequest } from '../../src/peer/index.ts'

const parts = {
  identity: { networkId: 'data', instanceId: 'data_001', epoch: 'e' },
  keys: new KeyRing(['one', 'two']),
  uptimeMs: () => 1234.5,
  links: () => [],
  status: () => ({ nodes: ['a'] }),
}
const ask = (request: Partial<HttpRequest>) =>
  answerHttp(
    {
      method: 'GET',
      path: '/status',
      query: new URLSearchParams(),
      body: '',
      remoteAddress: '10.0.0.7:50000',
      authorization: undefined,
      loopback: false,
      ...request,
    },
    parts,
  )
const statusOf = async (request: Partial<HttpRequest>) => (await ask(request)).status

describe('the routes of the peer port', () => {
  it('tell anyone that the instance is well', async () => {
    expect(await ask({ path: '/health' })).toEqual({
      status: 200,
      body: { status: 'ok', networkId: 'data', instanceId: 'data_001', uptimeMs: 1235 },
    })
  })

  it('tell this machine what runs, and others only with a token', async () => {
    expect(await ask({ loopback: true })).toMatchObject({ status: 200, body: { nodes: ['a'], links: [] } })
    expect(await ask({})).toMatchObject({ status: 401, body: { error: { code: 'AUTH_FAILED' } } })
    expect(await statusOf({ authorization: 'Bearer three' })).toBe(401)
    expect(await statusOf({ authorization: 'Basic one' })).toBe(401)
    expect(await statusOf({ authorization: 'Bearer two' })).toBe(200)
    expect(await statusOf({ path: '/anything' })).toBe(401)
  })

  it('answer everything else with 404 or 405', async () => {
    expect(await statusOf({ path: '/', loopback: true })).toBe(404)
    expect(await statusOf({ path: '/health', method: 'DELETE' })).toBe(405)
  })
})

describe('addresses', () => {
  it.each([
    ['127.0.0.1:9001', { host: '127.0.0.1', port: 9001 }],
    ['ws://lab.local:80/', { host: 'lab.local', port: 80 }],
    ['[::1]:9001', { host: '::1', port: 9001 }],
  ])('reads %s', (text, address) => {
    expect(parseAddress(text)).toEqual(address)
  })

  it.each(['', 'host', 'host:0', 'host:65536', '::1:9001', 'http://host:1', 'host:1/path', 'user@host:1', 'a b:1'])(
    'refuses %j as an address',
    (text) => {
      expect(() => parseAddress(text)).toThrow(expect.objectContaining({ code: 'USAGE' }))
    },
  )

  it('knows which are of this machine', () => {
    for (const host of ['127.0.0.1', '127.9.9.9', '::1', 'localhost', '::ffff:127.0.0.1'])
      expect(isLoopback(host)).toBe(true)
    for (const host of ['0.0.0.0', '10.0.0.1', '::', 'example.org', '127.example.org'])
      expect(isLoopback(host)).toBe(false)
  })

  it('knows its own names, and no others', () => {
    for (const header of ['127.0.0.1:9001', '10.0.0.7', '[::1]:9001', 'localhost:1', 'LAB.local:9001'])
      expect(isOwnHost(header, ['lab.local'])).toBe(true)
    for (const header of [undefined, '', 'evil.example', 'localhost.evil.example:80', 'lab.local:x'])
      expect(isOwnHost(header, ['lab.local'])).toBe(false)
  })
})
