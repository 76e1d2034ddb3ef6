import * as fc from 'fast-check'
import { randomBytes } from 'node:crypto'
import { connect, type Socket } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { createWebSocketTransport, type Connection, type EndpointOptions } from '../../src/peer/index.ts'
import { encodePacket, encodeSequenced } from '../../src/peer/protocol/frame-codec.ts'
import { DialHandshake } from '../../src/peer/protocol/handshake.ts'
import { makePeer, type TestPeer } from '../peer/kit.ts'
import { arrivedAs, saidMessages } from '../peer/said-messages.ts'
import { engineContract } from './engine.ts'
import { TcpProxy } from './tcp-proxy.ts'

const transport = createWebSocketTransport()

describe('the engine over WebSockets', () => {
  engineContract(createWebSocketTransport)
})

describe('a peer port', () => {
  const made: TestPeer[] = []
  const proxies: TcpProxy[] = []
  const sockets: Socket[] = []

  const peer = (name: string, options: Partial<EndpointOptions> = {}) => {
    const testPeer = makePeer(name, { transport, ...options })
    made.push(testPeer)
    return testPeer
  }

  /** `ml` dials `data` through a proxy. */
  const joined = async (options: Partial<EndpointOptions> = {}) => {
    const data = peer('data', options)
    const ml = peer('ml', options)
    const { port } = await data.endpoint.start()
    const proxy = await TcpProxy.start(port)
    proxies.push(proxy)
    ml.endpoint.dial(proxy.address, { token: 'data_token' })
    await ml.endpoint.connected(proxy.address)
    return { data, ml, proxy, port }
  }

  /** Sends raw bytes; resolves with what came back once the other side has hung up. */
  const raw = (port: number, bytes: string | Uint8Array) =>
    new Promise<string>((closed) => {
      const socket = connect(port, '127.0.0.1', () => socket.write(bytes))
      sockets.push(socket)
      let answer = ''
      socket.on('data', (chunk) => (answer += chunk.toString('latin1')))
      socket.on('error', () => {})
      socket.on('close', () => closed(answer))
    })

  const upgrade = (port: number, headers: Record<string, string> = {}, path = '/') =>
    raw(
      port,
      [
        `GET ${path} HTTP/1.1`,
        ...Object.entries({
          host: `127.0.0.1:${port}`,
          connection: 'Upgrade, close',
          upgrade: 'websocket',
          'sec-websocket-version': '13',
          'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
          'sec-websocket-protocol': 'millrace.v1',
          ...headers,
        }).map(([name, value]) => `${name}: ${value}`),
        '\r\n',
      ].join('\r\n'),
    )

  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.destroy()
    await Promise.all(made.splice(0).map(({ endpoint }) => endpoint.stop()))
    await Promise.all(proxies.splice(0).map((proxy) => proxy.stop()))
  })

  const exchange = async (from: TestPeer, to: TestPeer, network: string) => {
    const before = to.exports.taken.length
    await from.endpoint.openChannel(network, 'worker', 'In').send('still here')
    await to.exports.received(before + 1)
  }

  it('goes on where it was cut, losing and repeating nothing', async () => {
    const { data, ml, proxy } = await joined()
    const channel = ml.endpoint.openChannel('data', 'worker', 'In')
    const total = 40_000
    for (let number = 0; number < total; number++) {
      await channel.send({ number, padding: 'some bytes to carry' })
      if (number % 4000 === 3999) proxy.cut()
    }
    await data.exports.received(total)
    expect(data.exports.taken.map((value) => (value as { number: number }).number)).toEqual(
      Array.from({ length: total }, (_, number) => number),
    )
    expect(ml.endpoint.links()).toMatchObject([{ state: 'up', sent: total, lost: 0, duplicated: 0 }])
    expect(ml.endpoint.links()[0]?.reconnects).toBeGreaterThanOrEqual(5)
    expect(
      ml.events.filter((event) => event.type === 'linkUp').every(({ resumed }, index) => resumed === index > 0),
    ).toBe(true)
  })

  it('keeps the kinds that were said through cuts', async () => {
    const { data, ml, proxy } = await joined()
    const channel = ml.endpoint.openChannel('data', 'worker', 'In')
    const messages = fc.sample(saidMessages, { numRuns: 1_000, seed: 7 })
    for (const [number, { sent }] of messages.entries()) {
      await channel.send(sent)
      if (number % 400 === 399) proxy.cut()
    }
    await data.exports.received(messages.length)
    expect(data.exports.taken.map(arrivedAs)).toEqual(messages.map(({ kind, value }) => ({ kind, value })))
    expect(ml.endpoint.links()).toMatchObject([{ lost: 0, duplicated: 0 }])
  })

  it('goes on after cuts in the middle of a packet', async () => {
    const { data, ml, proxy } = await joined()
    const channel = ml.endpoint.openChannel('data', 'worker', 'In')
    let cuts = 0
    for (let number = 0; number < 6000; number++) {
      await channel.send({ number, padding: 'x'.repeat(100) })
      if (number % 400 !== 399) continue
      cuts++
      proxy.cutAfterBytes = 3000 + cuts * 1337
      proxy.cut()
    }
    await data.exports.received(6000)
    expect(data.exports.taken.map((value) => (value as { number: number }).number)).toEqual(
      Array.from({ length: 6000 }, (_, number) => number),
    )
    expect(ml.endpoint.links()).toMatchObject([{ lost: 0, duplicated: 0 }])
  })

  it('reports exactly what was lost when the peer comes back too late', async () => {
    const { data, ml, proxy } = await joined({ resumeWindowMs: 50, heartbeatIntervalMs: 100 })
    const channel = ml.endpoint.openChannel('data', 'worker', 'In')
    await channel.send(0)
    await data.exports.received(1)
    // Its answer brings the acknowledgement along.
    await ml.endpoint.ping('data')
    proxy.freeze()
    for (let number = 1; number <= 200; number++) channel.send(number)
    await proxy.stop()
    const lost = await ml.event('messagesLost')
    expect(lost).toMatchObject({ direction: 'out', node: 'worker', port: 'In', count: 200, from: 2, to: 201 })
    expect(ml.endpoint.links()).toMatchObject([{ sent: 201, lost: 200 }])
    expect(data.exports.taken).toEqual([0])
  })

  it('takes back a report of loss when a late peer says that it had received the messages', async () => {
    const data = peer('data', { resumeWindowMs: 50, heartbeatIntervalMs: 100 })
    const ml = peer('ml', { resumeWindowMs: 50, heartbeatIntervalMs: 100 })
    const { port } = await data.endpoint.start()
    const proxy = await TcpProxy.start(port)
    proxies.push(proxy)
    const undial = ml.endpoint.dial(proxy.address, { token: 'data_token' })
    const channel = ml.endpoint.openChannel('data', 'worker', 'In')
    await channel.send(0)
    await data.exports.received(1)
    await ml.endpoint.ping('data')
    proxy.freeze('back')
    for (let number = 1; number <= 200; number++) channel.send(number)
    await data.exports.received(201)
    undial()
    await ml.event('messagesLost')
    expect(ml.endpoint.links()).toMatchObject([{ sent: 201, lost: 200 }])
    ml.endpoint.dial(`127.0.0.1:${port}`, { token: 'data_token' })
    expect(await ml.event('messagesFound')).toMatchObject({ count: 200 })
    expect(ml.endpoint.links()).toMatchObject([{ sent: 201, lost: 0 }])
  })

  it('notices that a peer is silent, and gives it up', async () => {
    const { ml, proxy } = await joined({ heartbeatIntervalMs: 60 })
    proxy.freeze()
    expect(await ml.event('linkSuspect')).toMatchObject({ peer: { networkId: 'data' } })
    expect(await ml.event('linkDown')).toMatchObject({
      reason: expect.stringContaining('no sign of life'),
      resumable: true,
    })
  })

  it('stays up when nothing is sent', async () => {
    const { data, ml } = await joined({ heartbeatIntervalMs: 50 })
    for (let beats = 0; beats < 10; beats++) await ml.endpoint.ping('data')
    const before = data.endpoint.links()[0]?.receivedBytes ?? 0
    await until(() => (data.endpoint.links()[0]?.receivedBytes ?? 0) > before + 200)
    expect(ml.events.map(({ type }) => type)).toEqual(['linkUp'])
  })

  it('holds no more than the window for a peer that takes nothing', async () => {
    const { data, ml } = await joined()
    data.exports.take = () => new Promise(() => {})
    const channel = ml.endpoint.openChannel('data', 'worker', 'In')
    await channel.send(new Uint8Array(64 * 1024))
    let accepted = 1
    while (channel.send(new Uint8Array(64 * 1024)) === undefined) accepted++
    // 8 MiB of 64 KiB messages.
    expect(accepted).toBeLessThanOrEqual(129)
    expect(ml.endpoint.links()[0]?.channels[0]?.queued).toBeGreaterThan(0)
  })

  it('answers who is there', async () => {
    const { data, port } = await joined()
    const health = await fetch(`http://127.0.0.1:${port}/health`)
    expect(health.status).toBe(200)
    expect(await health.json()).toMatchObject({ status: 'ok', networkId: 'data', instanceId: 'data_001' })
    const status = await fetch(`http://127.0.0.1:${port}/status?full`)
    expect(await status.json()).toMatchObject({ status: 'ok', nodes: 1, links: [{ peer: 'ml/ml_001', state: 'up' }] })
    const missing = await fetch(`http://127.0.0.1:${port}/secrets`)
    expect(missing.status).toBe(404)
    expect(await missing.json()).toMatchObject({
      error: { message: expect.stringContaining('/health, /status, /metrics') },
    })
    const post = (body: string) => fetch(`http://127.0.0.1:${port}/status`, { method: 'POST', body })
    expect((await post('x')).status).toBe(405)
    expect((await post('x'.repeat(100_000))).status).toBe(413)
    expect(data.logs.filter(({ level }) => level !== 'info')).toEqual([])
  })

  it.each([
    ['requests of web pages', { origin: 'https://evil.example' }],
    ['a Host header that is a name of the web', { host: 'rebound.example:9001' }],
  ])('refuses %s, for links and for requests', async (_what, headers) => {
    const { port } = await joined()
    expect(await upgrade(port, headers)).toMatch(/^HTTP\/1.1 403/)
    const lines = Object.entries({ host: '127.0.0.1', connection: 'close', ...headers })
    const request = `GET /status HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`
    expect(await raw(port, request)).toMatch(/^HTTP\/1.1 403/)
  })

  it.each([
    ['another path', {}, '/chat', 404],
    ['another protocol', { 'sec-websocket-protocol': 'chat' }, '/', 400],
    ['an old version', { 'sec-websocket-version': '7' }, '/', 400],
    ['a broken key', { 'sec-websocket-key': 'short' }, '/', 400],
  ])('refuses an upgrade with %s', async (_what, headers, path, status) => {
    const { port } = await joined()
    expect(await upgrade(port, headers, path)).toMatch(new RegExp(`^HTTP/1.1 ${status}`))
  })

  it('is not disturbed by garbage, before or after the upgrade', async () => {
    const { data, ml, port } = await joined()
    await raw(port, Buffer.from([0, 1, 2, 3, 255, 254, 10, 13, 10, 13]))
    await raw(port, 'HELO example.org\r\n\r\n')
    await raw(port, `GET / HTTP/1.1\r\nhost: ${'x'.repeat(40_000)}\r\n\r\n`)
    await raw(port, Buffer.from('160301020001000', 'hex'))
    for (const packet of [
      Buffer.alloc(0),
      Buffer.from('garbage'),
      Buffer.from([0xa0, 1]),
      Buffer.from([0xa0, 1, 0xc1]),
    ])
      await strangerSends(port, packet)
    await strangerSends(port, 'text')
    await exchange(ml, data, 'data')
    expect(ml.events.map(({ type }) => type)).toEqual(['linkUp'])
    expect(data.logs.filter(({ level }) => level !== 'info')).toHaveLength(1)
  })

  it.each([
    ['garbage', Buffer.from('garbage')],
    ['a frame out of its place', Buffer.from('a1000100000000001001000001000000ff00000000000000', 'hex')],
    ['an acknowledgement of what was never sent', Buffer.from('a1000000ffff0000', 'hex')],
    ['a channel that is not its own', encodePacket([openFrame(2)], 0)],
    ['a frame type that must be known', Buffer.from('a100010000000000ff000000000000000000000000000000', 'hex')],
  ])('ends the link of a proven peer that sends %s, and only that', async (_what, packet) => {
    const { data, ml, port } = await joined()
    const { connection, closed } = await proven(port, 'a_bad_one')
    connection.send(packet)
    expect((await closed).code).toBe(4400)
    expect(data.logs.map(({ text }) => text).join('\n')).toContain('does not keep to the link protocol')
    await exchange(ml, data, 'data')
    expect(ml.events.map(({ type }) => type)).toEqual(['linkUp'])
  })

  it('survives a proven peer that sends frames of every kind at random', async () => {
    const { data, ml, port } = await joined()
    for (let round = 0; round < 40; round++) {
      const { connection, closed } = await proven(port, 'a_bad_one')
      for (let packets = 0; packets < 20; packets++) {
        const bytes = randomBytes(60)
        bytes.set([
          0xa1,
          0,
          1,
          0,
          0,
          0,
          0,
          0,
          [0x10, 0x11, 0x12, 0x20, 0x32, 0x40, 0x41, 0x50, 0x60, 0x61][packets % 10] ?? 0,
        ])
        bytes.writeUInt32LE(packets + 1, 16)
        bytes.writeUInt32LE(bytes.length - 24, 20)
        connection.send(bytes)
      }
      connection.close(1000, '')
      await closed
    }
    await exchange(ml, data, 'data')
    expect(ml.events.map(({ type }) => type)).toEqual(['linkUp'])
  })

  it('hangs up on a stranger that sends more than a handshake takes', async () => {
    const { data, port } = await joined()
    const code = await strangerSends(port, Buffer.alloc(8 * 1024 * 1024))
    expect(code).toBe(1006)
    expect(data.logs.map(({ text }) => text).join()).not.toContain('handshake message is too long')
  })

  it('lets 16 strangers wait and links a peer as soon as one has gone', async () => {
    const data = peer('data')
    const { port } = await data.endpoint.start()
    const strangers = Array.from({ length: 16 }, () => new WebSocket(`ws://127.0.0.1:${port}/`, 'millrace.v1'))
    await Promise.all(strangers.map((stranger) => new Promise((open) => stranger.once('open', open))))
    expect(await upgrade(port)).toMatch(/^HTTP\/1.1 503/)
    const gone = new Promise((closed) => strangers[0]?.once('close', closed))
    strangers[0]?.terminate()
    await gone
    const ml = peer('ml')
    ml.endpoint.dial(`127.0.0.1:${port}`, { token: 'data_token' })
    await ml.event('linkUp')
    for (const stranger of strangers) stranger.terminate()
  })

  it('links while hundreds of connections never speak', async () => {
    const data = peer('data')
    const { port } = await data.endpoint.start()
    const silent = Array.from({ length: 300 }, () => connect(port, '127.0.0.1'))
    sockets.push(...silent)
    await Promise.all(silent.map((socket) => new Promise((open) => socket.once('connect', open))))
    const ml = peer('ml')
    ml.endpoint.dial(`127.0.0.1:${port}`, { token: 'data_token' })
    await ml.endpoint.connected(`127.0.0.1:${port}`)
    await exchange(ml, data, 'data')
  })

  it('lets no more peers in than it may have', async () => {
    const data = peer('data', { maxConnections: 1 })
    const { port } = await data.endpoint.start()
    const [first, second] = [peer('first'), peer('second')]
    const address = `127.0.0.1:${port}`
    first.endpoint.dial(address, { token: 'data_token' })
    await first.endpoint.connected(address)
    second.endpoint.dial(address, { token: 'data_token' })
    await expect(second.endpoint.connected(address)).rejects.toThrow('takes no more links now')
  })

  it('says what is wrong when it dials something that is no peer', async () => {
    const { port } = await joined()
    const ml = peer('other')
    ml.endpoint.dial('127.0.0.1:9', { token: 't' })
    await until(() => ml.logs.length > 0)
    expect(ml.logs[0]?.text).toContain('no peer answers at 127.0.0.1:9: nothing listens there; trying again')
    expect(ml.endpoint.links()).toMatchObject([{ peer: '127.0.0.1:9', secure: false }])
    expect(port).toBeGreaterThan(0)
  })

  it('leaves no timer and no socket behind when it stops', async () => {
    const timers = new Set<object>()
    const platform = {
      now: () => Date.now(),
      monotonicMs: () => performance.now(),
      after(delayMs: number, run: () => void) {
        const timer = setTimeout(() => {
          timers.delete(timer)
          run()
        }, delayMs)
        timers.add(timer)
        return () => {
          timers.delete(timer)
          clearTimeout(timer)
        }
      },
      random: () => Math.random(),
    }
    const { data, ml, proxy } = await joined({ platform })
    const nobody = ml.endpoint.openChannel('data', 'nobody', 'In')
    await expect(nobody.send(1)).rejects.toMatchObject({ code: 'NOT_EXPORTED' })
    ml.endpoint.dial('127.0.0.1:9')
    await exchange(ml, data, 'data')
    proxy.cut()
    await Promise.all([data.endpoint.stop(), ml.endpoint.stop()])
    await until(() => timers.size === 0)
  })
})

function openFrame(channel: number): Buffer {
  const credit = { messages: 1, bytes: 1 }
  return encodeSequenced(
    { type: 'open', mode: 'send', channel, node: 'worker', port: 'In', credit, delivery: 'reliable' },
    1,
  )
}

/** A connection whose handshake is done, and on which the test may send what it likes. */
async function proven(
  port: number,
  networkId: string,
): Promise<{ connection: Connection; closed: Promise<{ code: number; reason: string }> }> {
  const connection = await transport.dial(
    { host: '127.0.0.1', port },
    { maxPacketBytes: 1e6, signal: new AbortController().signal },
  )
  const identity = { networkId, instanceId: 'x', epoch: randomBytes(8).toString('hex') }
  const parts = { identity, randomBytes, binding: Buffer.from('plain'), token: 'data_token' }
  const handshake = new DialHandshake(parts, () => undefined)
  return new Promise((linked) => {
    let done = false
    const closed = new Promise<{ code: number; reason: string }>((end) => {
      connection.start({
        message(bytes) {
          if (done) return
          const step = handshake.receive(bytes)
          if ('send' in step) return connection.send(step.send)
          done = true
          connection.trust()
          return linked({ connection, closed })
        },
        drained: () => {},
        closed: (code, reason) => end({ code, reason }),
      })
    })
    connection.send(handshake.start())
  })
}

/** Links up as far as the upgrade, and sends one thing; resolves with the code it was hung up with. */
function strangerSends(port: number, data: Buffer | string): Promise<number> {
  return new Promise((closed) => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/`, 'millrace.v1')
    socket.on('error', () => {})
    socket.on('open', () => socket.send(data))
    socket.on('close', closed)
  })
}

/** Looks again each turn of the loop; the test's own time limit is the limit. */
async function until(met: () => boolean): Promise<void> {
  while (!met()) await new Promise((turned) => void setImmediate(turned))
}
