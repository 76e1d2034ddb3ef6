import { afterEach, describe, expect, it } from 'vitest'
import { createWebSocketTransport, requestPeer, type EndpointOptions, type Transport } from '../../src/peer/index.ts'
import { makeCertificate } from '../peer/certificate.ts'
import { makePeer, type TestPeer } from '../peer/kit.ts'
import { engineContract } from './engine.ts'
import { TcpProxy } from './tcp-proxy.ts'

const certificate = await makeCertificate()
const { fingerprint } = certificate
const webSockets = createWebSocketTransport()

/** Everything over TLS, whatever the test asks for. */
const secured: Transport = {
  listen: (options, handlers) => webSockets.listen({ ...options, tls: certificate }, handlers),
  dial: (target, options) => webSockets.dial(target, { ...options, tls: { fingerprint } }),
}

describe('the engine over TLS', () => {
  engineContract(() => secured)
})

describe('a peer port with a certificate', () => {
  const made: TestPeer[] = []
  const proxies: TcpProxy[] = []
  const peer = (name: string, options: Partial<EndpointOptions> = {}) => {
    const testPeer = makePeer(name, { transport: webSockets, ...options })
    made.push(testPeer)
    return testPeer
  }
  const listening = async (options: Partial<EndpointOptions> = {}) => {
    const data = peer('data', { tls: certificate, ...options })
    const { port } = await data.endpoint.start()
    return { data, port, address: `127.0.0.1:${port}` }
  }
  afterEach(async () => {
    await Promise.all(made.splice(0).map(({ endpoint }) => endpoint.stop()))
    await Promise.all(proxies.splice(0).map((proxy) => proxy.stop()))
  })

  it.each([
    ['its fingerprint', { fingerprint }],
    [
      'its fingerprint as openssl writes it',
      { fingerprint: `sha256 Fingerprint=${fingerprint}`.replace('sha256 Fingerprint', 'sha256') },
    ],
    ['its fingerprint in small letters', { fingerprint: fingerprint.replaceAll(':', '').toLowerCase() }],
    ['the certificate itself', { ca: certificate.cert }],
  ])('is trusted by %s', async (_what, tls) => {
    const { address } = await listening()
    const ml = peer('ml')
    ml.endpoint.dial(address, { token: 'data_token', tls })
    await ml.endpoint.connected(address)
    expect(ml.endpoint.links()).toMatchObject([{ state: 'up', secure: true }])
  })

  it('is not trusted without either, nor with the fingerprint of another, and says which it has', async () => {
    const { address } = await listening()
    const other = await makeCertificate()
    const ml = peer('ml')
    ml.endpoint.dial(`wss://${address}`, { token: 'data_token' })
    await expect(ml.endpoint.connected(address)).rejects.toMatchObject({
      code: 'TLS_UNTRUSTED',
      message: expect.stringContaining(fingerprint) as string,
    })
    ml.endpoint.dial(address, { token: 'data_token', tls: { fingerprint: other.fingerprint } })
    await expect(ml.endpoint.connected(address)).rejects.toMatchObject({
      code: 'TLS_UNTRUSTED',
      message: expect.stringContaining('not the one expected') as string,
    })
    expect(ml.endpoint.links()).toMatchObject([{ state: 'refused', retryInMs: expect.any(Number) as number }])
  })

  it('tells who dials it without TLS, or a port without it with TLS, what to do', async () => {
    const { address } = await listening()
    const plain = peer('plain')
    const { port } = await plain.endpoint.start()
    const ml = peer('ml')
    ml.endpoint.dial(address, { token: 'data_token' })
    ml.endpoint.dial(`wss://127.0.0.1:${port}`, { token: 'plain_token' })
    const lines = () => ml.logs.map(({ text }) => text).join('\n')
    while (ml.logs.length < 2) await new Promise(setImmediate)
    expect(lines()).toContain('dial it as wss://')
    expect(lines()).toContain('does not speak TLS there')
  })

  it('goes on where it was cut', async () => {
    const { data, port } = await listening()
    const proxy = await TcpProxy.start(port)
    proxies.push(proxy)
    const ml = peer('ml')
    ml.endpoint.dial(proxy.address, { token: 'data_token', tls: { fingerprint } })
    await ml.endpoint.connected(proxy.address)
    const channel = ml.endpoint.openChannel('data', 'worker', 'In')
    for (let number = 0; number < 500; number++) {
      await channel.send(number)
      if (number % 100 === 50) proxy.cut()
    }
    await data.exports.received(500)
    expect(data.exports.taken).toEqual(Array.from({ length: 500 }, (_, number) => number))
  })

  it('refuses a proof that was passed on from another connection', async () => {
    // Somebody in between, whom the dialler trusts by mistake, hands every packet on over a connection of his own.
    const { data, port } = await listening()
    const middle = await makeCertificate()
    const abort = new AbortController()
    const listener = await webSockets.listen(
      { host: '127.0.0.1', port: 0, hostNames: [], maxPacketBytes: 1e6, tls: middle },
      {
        admit: () => ({ admitted: true }),
        request: () => ({ status: 404, body: {} }),
        noise: () => undefined,
        accept: (near) => {
          const dialled = { maxPacketBytes: 1e6, signal: abort.signal, tls: { fingerprint } }
          const passOn = async () => {
            const far = await webSockets.dial({ host: '127.0.0.1', port }, dialled)
            near.start({
              message: (bytes) => far.send(bytes),
              drained: () => undefined,
              closed: () => far.terminate(),
            })
            far.start({
              message: (bytes) => near.send(bytes),
              drained: () => undefined,
              closed: () => near.terminate(),
            })
          }
          void passOn()
        },
      },
    )
    const ml = peer('ml')
    const address = `127.0.0.1:${listener.port}`
    ml.endpoint.dial(address, { token: 'data_token', tls: { fingerprint: middle.fingerprint } })
    await expect(ml.endpoint.connected(address)).rejects.toMatchObject({ code: 'AUTH_FAILED' })
    await data.event('linkRefused', ({ code }) => code === 'AUTH_FAILED')
    await ml.endpoint.stop()
    abort.abort()
    await listener.stop()
  })

  it('answers HTTPS, and shows its token to nobody who has another certificate', async () => {
    const { port } = await listening()
    const asked = { target: { host: '127.0.0.1', port }, method: 'GET', path: '/status', timeoutMs: 5000 } as const
    const { status } = await requestPeer({ ...asked, tls: { fingerprint }, token: 'data_token' })
    expect(status).toBe(200)
    const { fingerprint: other } = await makeCertificate()
    await expect(requestPeer({ ...asked, tls: { fingerprint: other }, token: 'secret' })).rejects.toMatchObject({
      code: 'TLS_UNTRUSTED',
    })
    await expect(requestPeer(asked)).rejects.toMatchObject({ code: 'PEER_UNREACHABLE' })
  })

  it('listens for others once it has a token, without a waiver', async () => {
    const open = peer('data', { tls: certificate, bindAddress: '0.0.0.0', open: true } as Partial<EndpointOptions>)
    await expect(open.endpoint.start()).rejects.toMatchObject({ code: 'BIND_REFUSED' })
    const { data } = await listening({ bindAddress: '0.0.0.0' })
    await expect(data.endpoint.start()).resolves.toMatchObject({ host: '0.0.0.0' })
  })

  it('says what is wrong with a certificate that is none', async () => {
    const broken = peer('data', { tls: { cert: 'nonsense', key: certificate.key } })
    await expect(broken.endpoint.start()).rejects.toMatchObject({
      code: 'BIND_REFUSED',
      message: expect.stringContaining('certificate and key cannot be used') as string,
    })
  })
})

describe('changing a token', () => {
  const made: TestPeer[] = []
  afterEach(async () => {
    await Promise.all(made.splice(0).map(({ endpoint }) => endpoint.stop()))
  })

  it.each([
    ['before', 'old', []],
    ['while', 'old', ['new']],
    ['after', 'new', []],
  ])('links at once %s the peer does', async (_when, authToken, acceptTokens) => {
    const data = makePeer('data', { transport: webSockets, authToken, acceptTokens })
    const ml = makePeer('ml', { transport: webSockets })
    made.push(data, ml)
    const { port } = await data.endpoint.start()
    const address = `127.0.0.1:${port}`
    ml.endpoint.dial(address, { token: 'old', nextToken: 'new' })
    await ml.endpoint.connected(address)
    expect(ml.endpoint.links()).toMatchObject([{ state: 'up', secure: true }])
  })

  it('says so when neither is accepted', async () => {
    const data = makePeer('data', { transport: webSockets })
    const ml = makePeer('ml', { transport: webSockets })
    made.push(data, ml)
    const { port } = await data.endpoint.start()
    const address = `127.0.0.1:${port}`
    ml.endpoint.dial(address, { token: 'old', nextToken: 'new' })
    await expect(ml.endpoint.connected(address)).rejects.toMatchObject({ code: 'AUTH_FAILED' })
  })
})
