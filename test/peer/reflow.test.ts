import { afterEach, describe, expect, it } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import type { AddressInfo } from 'node:net'
import { createWebSocketTransport, ofKind, type EndpointOptions, type PeerPlatform } from '../../src/peer/index.ts'
import { parseReflow, writeRemoteMessage } from '../../src/peer/dialects/reflow-message.ts'
import { makePeer, type TestPeer } from './kit.ts'

const transport = createWebSocketTransport()

/** As a Rust instance of the original sends them. */
const recorded = {
  handshake:
    '{"network_id":"ml_instance","instance_id":"ml_001","protocol_version":"1.0","auth_token":"ml_token","capabilities":["actor_messaging"]}',
  answer: '{"success":true,"network_id":"data_instance","instance_id":"data_001","error":null}',
  message: (payload: string) =>
    `{"message_id":"7b0e1c8e-5f0a-4b62-9a63-0a2f6b0f4a51","source_network":"ml_instance","source_actor":"","target_network":"data","target_actor":"worker","target_port":"In","payload":${payload},"timestamp":"2025-09-17T21:06:43.123456789Z"}`,
  heartbeat: '{"network_id":"local","timestamp":"2025-09-17T21:06:43.123456789Z"}',
  discover: '{"request_id":"4a1d8c9e-0000-4000-8000-000000000000","requesting_network":"ml_instance"}',
}
const bytesOf = (json: string) => `{"data":[${Array.from(Buffer.from(json)).join(',')}]}`

describe('the payloads of the Reflow dialect', () => {
  it.each<[string, unknown]>([
    ['{"type":"Flow"}', undefined],
    [`{"type":"Event","data":${bytesOf('{"a":1}')}}`, { a: 1 }],
    ['{"type":"Boolean","data":true}', true],
    ['{"type":"Integer","data":42}', 42],
    ['{"type":"Integer","data":9007199254740993}', 9007199254740993n],
    ['{"type":"Integer","data":-9223372036854775808}', -9223372036854775808n],
    ['{"type":"Float","data":1.5}', 1.5],
    ['{"type":"String","data":"a 9007199254740993 \\" b"}', 'a 9007199254740993 " b'],
    [`{"type":"Object","data":${bytesOf('{"a":1}')}}`, { a: 1 }],
    ['{"type":"Object","data":{"a":1,"big":9007199254740993}}', { a: 1, big: 9007199254740993n }],
    [`{"type":"Array","data":[${bytesOf('1')},${bytesOf('"x"')}]}`, [1, 'x']],
    ['{"type":"Array","data":[1,"x"]}', [1, 'x']],
    ['{"type":"Stream","data":[1,2,255]}', new Uint8Array([1, 2, 255])],
    ['{"type":"Bytes","data":[1,2]}', new Uint8Array([1, 2])],
    ['{"type":"Encoded","data":[9,0,7]}', new Uint8Array([9, 0, 7])],
    ['{"type":"Optional","data":null}', null],
    [`{"type":"Optional","data":${bytesOf('1')}}`, 1],
    [`{"type":"Any","data":${bytesOf('true')}}`, true],
    [
      '{"type":"RemoteReference","data":{"network_id":"n","actor_id":"a","port":"p"}}',
      { network_id: 'n', actor_id: 'a', port: 'p' },
    ],
  ])('read %s', (payload, value) => {
    expect(parseReflow(recorded.message(payload))).toMatchObject({
      type: 'message',
      actor: 'worker',
      port: 'In',
      value,
    })
  })

  it.each([
    ['an unknown type', '{"type":"Nonsense","data":1}'],
    ['an Integer that is none', '{"type":"Integer","data":1.5}'],
    ['a Stream that is none', '{"type":"Stream","data":[256]}'],
    ['no object', '7'],
  ])('refuse %s', (_what, payload) => {
    expect(() => parseReflow(recorded.message(payload))).toThrow()
  })

  it('read an Error', () => {
    const parsed = parseReflow(recorded.message('{"type":"Error","data":"boom"}'))
    expect(parsed).toMatchObject({ type: 'message', value: expect.objectContaining({ message: 'boom' }) as Error })
  })

  it.each<unknown>([
    undefined,
    true,
    42,
    2n ** 60n,
    1.5,
    'hi',
    { a: [1, { b: null }], big: 2n ** 60n },
    [1, 'x', { c: 2 }],
    new Uint8Array([1, 2, 255]),
    null,
  ])('write value %# so that it reads the same, in both forms', (value) => {
    const ends = { sourceNetwork: 'a', targetNetwork: 'b', actor: 'c', port: 'd' }
    const plain = writeRemoteMessage(ends, value, { form: 'plain', nowMs: 0 })
    expect(parseReflow(plain)).toMatchObject({ value, form: 'plain' })
    // Inside bytes of JSON a large integer is read by the peer; ours reads it there as a float.
    if (typeof value === 'object' && value !== null && 'big' in value) return
    expect(parseReflow(writeRemoteMessage(ends, value, { form: 'encoded', nowMs: 0 }))).toMatchObject({ value })
  })

  it('write a whole number as the float that it was said to be, and other kinds that were said as their values', () => {
    const ends = { sourceNetwork: 'a', targetNetwork: 'b', actor: 'c', port: 'd' }
    const payload = (message: unknown) =>
      (JSON.parse(writeRemoteMessage(ends, message, { form: 'plain', nowMs: 0 })) as { payload: unknown }).payload
    expect(payload(ofKind(5, 'float'))).toEqual({ type: 'Float', data: 5 })
    expect(payload(ofKind(new Uint8Array([1]), 'encoded'))).toEqual({ type: 'Stream', data: [1] })
    expect(payload(ofKind({ id: 1 }, 'event'))).toEqual({ type: 'Object', data: { id: 1 } })
    expect(() => payload(ofKind(Number.NaN, 'event'))).toThrow('Reflow has no')
  })

  it('refuse to write what kills a peer of Reflow', () => {
    const ends = { sourceNetwork: 'a', targetNetwork: 'b', actor: 'c', port: 'd' }
    for (const value of [Number.NaN, Infinity])
      expect(() => writeRemoteMessage(ends, value, { form: 'plain', nowMs: 0 })).toThrow('Reflow has no')
  })
})

describe('a peer port with the Reflow dialect', () => {
  const made: TestPeer[] = []
  const servers: WebSocketServer[] = []
  const peer = (name: string, options: Partial<EndpointOptions> = {}) => {
    const testPeer = makePeer(name, { transport, ...options })
    made.push(testPeer)
    return testPeer
  }
  afterEach(async () => {
    await Promise.all(made.splice(0).map(({ endpoint }) => endpoint.stop()))
    for (const server of servers.splice(0)) {
      for (const client of server.clients) client.terminate()
      server.close()
    }
  })

  /** What a peer of Reflow hears, frame by frame. */
  async function reflow(port: number, handshake = recorded.handshake) {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/`)
    const heard: string[] = []
    const waiting: (() => void)[] = []
    socket.on('message', (data) => {
      heard.push(String(data))
      for (const look of waiting.splice(0)) look()
    })
    const closed = new Promise<number>((end) => socket.on('close', end))
    socket.on('error', () => undefined)
    await new Promise((open) => socket.on('open', open))
    socket.send(handshake)
    const next = async (): Promise<Record<string, unknown>> => {
      while (heard.length === 0) await new Promise<void>((look) => waiting.push(look))
      return JSON.parse(heard.shift() ?? '') as Record<string, unknown>
    }
    return { socket, next, closed }
  }

  it('takes what a peer of Reflow sends, and answers what it asks', async () => {
    const data = peer('data', { dialects: ['reflow'] })
    const { port } = await data.endpoint.start()
    const { socket, next } = await reflow(port)
    expect(await next()).toEqual({ success: true, network_id: 'data', instance_id: 'data_001', error: null })
    socket.send(recorded.heartbeat)
    socket.send(recorded.message(`{"type":"Object","data":${bytesOf('{"id":"r1"}')}}`))
    socket.send(recorded.message('{"type":"Object","data":{"id":"r2"}}'))
    await data.exports.received(2)
    expect(data.exports.taken).toEqual([{ id: 'r1' }, { id: 'r2' }])
    socket.send(recorded.discover)
    expect(await next()).toEqual({
      request_id: '4a1d8c9e-0000-4000-8000-000000000000',
      network_id: 'data',
      actors: [{ actor_id: 'worker', capabilities: ['actor_messaging'], description: 'Worker' }],
    })
    expect(data.endpoint.links()).toMatchObject([
      { peer: 'ml_instance/ml_001', state: 'up', secure: false, received: 2 },
    ])
    expect(data.logs.map(({ text }) => text).join('\n')).toContain('no authentication')
  })

  it('writes to an actor of a peer in the form that the peer writes', async () => {
    const data = peer('data', { dialects: ['reflow'] })
    const { port } = await data.endpoint.start()
    const { socket, next } = await reflow(port)
    await next()
    await data.event('linkUp')
    const channel = data.endpoint.openChannel('ml_instance', 'feature_engineer', 'Input')
    await channel.send({ a: 1 })
    expect(await next()).toMatchObject({
      source_network: 'data',
      source_actor: '',
      target_network: 'ml_instance',
      target_actor: 'feature_engineer',
      target_port: 'Input',
      payload: { type: 'Object', data: { a: 1 } },
    })
    socket.send(recorded.message(`{"type":"Object","data":${bytesOf('{}')}}`))
    await data.exports.received(1)
    await channel.send({ a: 1 })
    expect(await next()).toMatchObject({ payload: { type: 'Object', data: JSON.parse(bytesOf('{"a":1}')) as object } })
  })

  /** A clock that the test moves, for an endpoint with real sockets. */
  function handMoved() {
    let nowMs = 0
    const timers = new Set<{ atMs: number; run: () => void }>()
    const platform: PeerPlatform = {
      now: () => Date.UTC(2025, 8, 17) + nowMs,
      monotonicMs: () => nowMs,
      after(delayMs, run) {
        const timer = { atMs: nowMs + delayMs, run }
        timers.add(timer)
        return () => void timers.delete(timer)
      },
      random: () => 0.5,
    }
    const advance = (ms: number) => {
      nowMs += ms
      for (const timer of [...timers].filter(({ atMs }) => atMs <= nowMs)) if (timers.delete(timer)) timer.run()
    }
    return { platform, advance }
  }

  it.each([
    ['encoded', bytesOf('{"id":"r1"}')],
    ['plain', '{"id":"r1"}'],
  ])(
    'keeps to the heartbeats of Reflow with a peer that writes %s payloads, and gives a silent one up',
    async (_form, payload) => {
      const { platform, advance } = handMoved()
      const data = peer('data', { dialects: ['reflow'], platform })
      const { port } = await data.endpoint.start()
      const { socket, next, closed } = await reflow(port)
      await next()
      await data.event('linkUp')
      const channel = data.endpoint.openChannel('ml_instance', 'feature_engineer', 'Input')
      for (let beat = 1; beat <= 4; beat++) {
        socket.send(recorded.message(`{"type":"Object","data":${payload}}`))
        await data.exports.received(beat)
        socket.send(recorded.heartbeat)
        // Its answer comes after what was sent before it.
        socket.send(recorded.discover)
        expect(await next()).toHaveProperty('actors')
        await channel.send({ a: beat })
        expect(await next()).toMatchObject({
          payload: { type: 'Object', data: _form === 'plain' ? { a: beat } : { data: expect.any(Array) as unknown } },
        })
        advance(30_000)
        // Under traffic, too: nothing else counts as life at the other side.
        expect(await next()).toEqual({
          network_id: 'data',
          timestamp: new Date(Date.UTC(2025, 8, 17) + beat * 30_000).toISOString(),
        })
      }
      expect(data.endpoint.links()).toMatchObject([{ state: 'up', received: 4 }])
      advance(30_000)
      advance(30_000)
      expect(await next()).toHaveProperty('timestamp')
      advance(30_000)
      expect(await data.event('linkDown')).toMatchObject({
        reason: expect.stringMatching(/^no sign of life for \d+\.0 s$/) as string,
      })
      await closed
    },
  )

  it('dials an instance of Reflow, again after a cut, and what was sent meanwhile comes then', async () => {
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
    servers.push(server)
    await new Promise((listening) => server.once('listening', listening))
    const heard: string[] = []
    const waiting = new Set<() => void>()
    server.on('connection', (socket) =>
      socket.on('message', (bytes) => {
        heard.push(String(bytes))
        if (heard.at(-1)?.includes('protocol_version')) socket.send(recorded.answer)
        for (const look of waiting) look()
      }),
    )
    const until = async (met: () => boolean) => {
      while (!met()) await new Promise<void>((look) => waiting.add(look))
    }
    const ml = peer('ml', { dialects: ['reflow'] })
    const channel = ml.endpoint.openChannel('data_instance', 'data_processor', 'Input')
    const early = channel.send(7)
    ml.endpoint.dial(`127.0.0.1:${(server.address() as AddressInfo).port}`, { dialect: 'reflow' })
    await early
    await until(() => heard.length >= 2)
    expect(JSON.parse(heard[0] ?? '')).toEqual({
      network_id: 'ml',
      instance_id: 'ml_001',
      protocol_version: '1.0',
      auth_token: null,
      capabilities: ['actor_messaging'],
    })
    expect(JSON.parse(heard[1] ?? '')).toMatchObject({
      target_actor: 'data_processor',
      payload: { type: 'Integer', data: 7 },
    })
    for (const client of server.clients) client.terminate()
    await ml.event('linkDown')
    await channel.send(8)
    await until(() => heard.length >= 4)
    expect(JSON.parse(heard[3] ?? '')).toMatchObject({ payload: { data: 8 } })
  })

  it('stops reading while a sink takes nothing, and goes on when it does', async () => {
    const data = peer('data', { dialects: ['reflow'] })
    const { port } = await data.endpoint.start()
    const { socket, next } = await reflow(port)
    await next()
    let free: () => void = () => undefined
    const held = new Promise<void>((resolve) => (free = resolve))
    data.exports.take = () => held
    socket.send(recorded.message('{"type":"Integer","data":0}'))
    await data.exports.received(1)
    const padding = 'x'.repeat(10_000)
    for (let number = 1; number < 2_000; number++)
      socket.send(recorded.message(`{"type":"String","data":"${padding}"}`))
    // The kernel's buffers take a few megabytes; the rest has to wait over there.
    for (let turn = 0; turn < 200; turn++) await new Promise(setImmediate)
    expect(data.exports.taken.length).toBeLessThan(1_000)
    data.exports.take = () => undefined
    free()
    await data.exports.received(2_000)
  })

  it.each([
    ['garbage', 'garbage', 'no JSON'],
    ['another version', recorded.handshake.replace('"1.0"', '"2.0"'), 'version 2.0'],
    ['a name that is none', recorded.handshake.replace('ml_001', 'a/b'), 'without \\"/\\"'],
    ['its own name', recorded.handshake.replace('ml_instance', 'data').replace('ml_001', 'data_001'), 'linked already'],
  ])('refuses %s, and stays up', async (_what, handshake, reason) => {
    const data = peer('data', { dialects: ['reflow'] })
    const { port } = await data.endpoint.start()
    const bad = await reflow(port, handshake)
    expect(JSON.stringify(await bad.next())).toContain(reason)
    await bad.closed
    const { next } = await reflow(port)
    expect(await next()).toMatchObject({ success: true })
  })

  it('takes nothing in the name of another network, nor for a node that is not exported', async () => {
    const data = peer('data', { dialects: ['reflow'] })
    const { port } = await data.endpoint.start()
    const { socket, next } = await reflow(port)
    await next()
    socket.send(recorded.message('{"type":"Integer","data":1}').replace('"ml_instance"', '"admin"'))
    socket.send(recorded.message('{"type":"Integer","data":1}').replace('"worker"', '"secret"'))
    socket.send('[]')
    socket.send('{"what":"is this"}')
    socket.send(recorded.message('{"type":"Integer","data":5}'))
    await data.exports.received(1)
    expect(data.exports.taken).toEqual([5])
  })

  it('refuses a second live peer of one name, and keeps the first', async () => {
    const data = peer('data', { dialects: ['reflow'] })
    const { port } = await data.endpoint.start()
    const first = await reflow(port)
    await first.next()
    const second = await reflow(port)
    expect(await second.next()).toMatchObject({ success: false })
    first.socket.send(recorded.message('{"type":"Integer","data":5}'))
    await data.exports.received(1)
  })

  it('is off unless it was asked for, and refused where others reach it', async () => {
    const data = peer('data')
    const { port } = await data.endpoint.start()
    const socket = new WebSocket(`ws://127.0.0.1:${port}/`)
    const refused = new Promise((answered) =>
      socket.once('unexpected-response', (_request, { statusCode }) => answered(statusCode)),
    )
    socket.on('error', () => undefined)
    expect(await refused).toBe(400)
    socket.terminate()
    const open = peer('open', { dialects: ['reflow'], bindAddress: '0.0.0.0', tls: { cert: '', key: '' } })
    await expect(open.endpoint.start()).rejects.toMatchObject({
      code: 'BIND_REFUSED',
      message: expect.stringContaining('no authentication') as string,
    })
  })
})
