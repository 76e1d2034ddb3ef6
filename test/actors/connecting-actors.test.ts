import { Aedes } from 'aedes'
import { appendFileSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { createServer as createHttpServer } from 'node:http'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { WebSocketServer, type WebSocket } from 'ws'
import {
  catchActor,
  exec,
  fileRead,
  fileTail,
  fileWatch,
  fileWrite,
  generator,
  httpIn,
  httpRequest,
  jsonParse,
  mqttIn,
  mqttOut,
  status,
  websocketClient,
} from '../../src/actors/index.ts'
import { defineActor, Network, type ActorDefinition } from '../../src/runtime/index.ts'
import { platform, Probe, startRig, type Rig } from './rig.ts'

let folder: string
let undo: (() => unknown)[]
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'millrace-actors-'))
  undo = []
})
afterEach(async () => {
  for (const step of undo.reverse()) await step()
  rmSync(folder, { recursive: true, force: true })
})

const rigOf = async (...given: Parameters<typeof startRig>): Promise<Rig> => {
  const rig = await startRig(...given)
  undo.push(() => rig.stop())
  return rig
}
const portOf = (server: { address(): unknown }) => (server.address() as AddressInfo).port

/** An actor that emits by itself, before a sink that takes three messages and no more until its gate is opened. */
async function behindGate(actor: ActorDefinition, outport: string, config: Record<string, unknown>) {
  const gate = { open: () => {} }
  const opened = new Promise<void>((resolve) => (gate.open = resolve))
  const probe = new Probe<string>()
  const slow = defineActor({
    name: 'Slow',
    inports: { Input: { capacity: 3 } },
    outports: { Output: {} },
    run: async ({ inputs }) => (await opened, { Output: inputs.Input }),
  })
  const network = new Network({ platform })
  network.addNode('source', actor, { metadata: config })
  network.addNode('slow', slow)
  network.addNode('probe', probe.actor)
  network.addWire({ node: 'source', port: outport }, { node: 'slow', port: 'Input' })
  network.addWire({ node: 'slow', port: 'Output' }, { node: 'probe', port: 'Input' })
  await network.start()
  undo.push(() => network.stop())
  const source = () => network.snapshot().nodes.find(({ id }) => id === 'source')
  return {
    probe,
    open: () => gate.open(),
    /** How many messages it has taken in, once it is held and the loop has turned 200 times more. */
    async taken() {
      while ((source()?.outbox ?? 0) === 0) await new Promise((resolve) => setImmediate(resolve))
      for (let turn = 0; turn < 200; turn++) await new Promise((resolve) => setImmediate(resolve))
      return (source()?.sent ?? 0) + (source()?.outbox ?? 0)
    },
  }
}

describe('files', () => {
  it('are written, read by lines and followed as they grow and are replaced', async () => {
    const file = path.join(folder, 'new', 'log.txt')
    const tail = await rigOf(fileTail, { config: { file, from: 'start', everyMs: 5 } })
    const write = await rigOf(fileWrite, { config: { file } })
    await write.send('Input', 'one')
    await write.send('Input', { two: 2 })
    await write.probe('Done').until(2)
    expect(readFileSync(file, 'utf8')).toBe('one\n{"two":2}\n')
    expect(await tail.probe('Output').until(2)).toBe('{"two":2}')
    appendFileSync(file, 'thr')
    appendFileSync(file, 'ee\r\nfour\n')
    expect(await tail.probe('Output').until(4)).toBe('four')
    renameSync(file, `${file}.1`)
    writeFileSync(file, 'anew\n')
    expect(await tail.probe('Output').until(5)).toBe('anew')
    const read = await rigOf(fileRead, { config: { file: `${file}.1`, as: 'lines' } })
    await read.send('Trigger', true)
    expect(await read.probe('Done').until(1)).toMatchObject({ messages: 4 })
    expect(read.probe('Output').received).toEqual(['one', '{"two":2}', 'three', 'four'])
  })

  it('that are not there are named, and changes of those that are there are told', async () => {
    const missing = await rigOf(fileRead, { config: { file: path.join(folder, 'missing') } })
    await missing.send('Trigger', true)
    const watch = await rigOf(fileWatch, { config: { path: folder } })
    writeFileSync(path.join(folder, 'a.txt'), 'abc')
    expect(await watch.probe('Output').until(1)).toMatchObject({ event: 'add', path: path.join(folder, 'a.txt') })
    await missing.settled()
    while (missing.reasons().length === 0) await new Promise((resolve) => setImmediate(resolve))
    expect(missing.reasons()[0]).toMatch(/missing.*FILE_NOT_FOUND/)
  })
})

describe('HTTP', () => {
  it('takes requests as messages and answers each with its own response', async () => {
    const front = await rigOf(httpIn, { config: { port: 0, timeoutMs: 5_000 } })
    const port = /:(\d+)$/.exec(front.log.find(({ text }) => text.includes('takes requests'))?.text ?? '')?.[1]
    const asked = [1, 2].map((n) =>
      fetch(`http://127.0.0.1:${port}/sum?n=${n}`, {
        method: 'POST',
        body: JSON.stringify({ n }),
        headers: { 'content-type': 'application/json' },
      }),
    )
    await front.probe('Request').until(2)
    const requests = front.probe<{ id: string; query: { n: string }; body: { n: number } }>('Request').received
    for (const { id, body } of [...requests].reverse())
      await front.send('Response', { id, status: 201, body: { twice: body.n * 2 } })
    const answers = await Promise.all(asked.map(async (each) => [(await each).status, await (await each).json()]))
    expect(answers).toEqual([
      [201, { twice: 2 }],
      [201, { twice: 4 }],
    ])
    await front.send('Response', { id: 'nobody', body: 1 })
    await front.settled()
    expect(front.reasons()).toEqual(['nobody waits for this response any more'])
    const foreign = await fetch(`http://127.0.0.1:${port}/`, { headers: { origin: 'http://evil.example' } })
    expect(foreign.status).toBe(403)
  })

  it('shares a port among nodes of other routes, the most exact first, and says what there is for all others', async () => {
    const routes = [
      { method: 'GET', path: '/users/:id' },
      { method: 'GET', path: '/users/me' },
      { method: 'POST', path: '/files/*rest' },
    ]
    const first = await rigOf(httpIn, { config: { port: 0 } })
    const port = Number(/:(\d+)/.exec(first.log.find(({ text }) => text.includes('takes requests'))?.text ?? '')?.[1])
    await first.stop()
    const rigs = []
    for (const route of routes) rigs.push(await rigOf(httpIn, { config: { port, ...route } }))
    const ask = async (target: string, method = 'GET') => {
      const response = await fetch(`http://127.0.0.1:${port}${target}`, { method })
      return [response.status, (await response.text()).trim()]
    }
    for (const [index, rig] of rigs.entries())
      rig.probe<{ id: string; params: unknown }>('Request').onReceive(({ id, params }) => {
        void rig.send('Response', { id, body: `${index} ${JSON.stringify(params)}` })
      })
    expect(await ask('/users/a%20b')).toEqual([200, '0 {"id":"a b"}'])
    expect(await ask('/users/me')).toEqual([200, '1 {}'])
    expect(await ask('/files/x/y', 'POST')).toEqual([200, '2 {"rest":["x","y"]}'])
    expect(await ask('/files/x')).toEqual([405, expect.stringContaining('/files/x takes POST')])
    expect(await ask('/')).toEqual([404, expect.stringContaining('GET /users/:id, GET /users/me, POST /files/*rest')])
    expect((await ask('/users/%E0%A4%A'))[0]).toBe(404)
    await expect(startRig(httpIn, { config: { port, ...routes[1] } })).rejects.toThrow(/GET \/users\/me at port/)
    await rigs[1]?.stop()
    expect(await ask('/users/me')).toEqual([200, '0 {"id":"me"}'])
    for (const rig of rigs) await rig.stop()
    await expect(ask('/users/me')).rejects.toThrow()
  })

  it('asks servers, reads what they answer, and says what could not be asked', async () => {
    const server = createHttpServer((request, response) => {
      if (request.url === '/big') return response.end('x'.repeat(10_000))
      if (request.url === '/never') return
      response
        .setHeader('content-type', 'application/json')
        .end(JSON.stringify({ url: request.url, method: request.method }))
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    undo.push(() => (server.closeAllConnections(), server.close()))
    const url = `http://127.0.0.1:${portOf(server)}/`
    const rig = await rigOf(httpRequest, { config: { url, maxBytes: 5_000 } })
    await rig.send('Input', { path: '/a?b=1', method: 'PUT', body: { c: 1 } })
    expect(await rig.probe('Output').until(1)).toMatchObject({ status: 200, body: { url: '/a?b=1', method: 'PUT' } })
    for (const target of ['/big', 'http://elsewhere.example/']) await rig.send('Input', { path: target })
    while (rig.reasons().length < 2) await new Promise((resolve) => setImmediate(resolve))
    expect(rig.reasons().join('\n')).toMatch(/larger than 5000 bytes/)
    expect(rig.reasons().join('\n')).toMatch(/leads away/)
    const impatient = await rigOf(httpRequest, { config: { url, timeoutMs: 100 } })
    await impatient.send('Input', { path: '/never' })
    while (impatient.reasons().length < 1) await new Promise((resolve) => setImmediate(resolve))
    expect(impatient.reasons().join('\n')).toMatch(/did not answer within 100 ms/)
  })
})

describe('a WebSocket client', () => {
  it('connects again after a cut, and holds back what it shall send meanwhile', async () => {
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
    await new Promise<void>((resolve) => server.once('listening', () => resolve()))
    undo.push(() => server.close())
    const sockets: WebSocket[] = []
    server.on('connection', (socket) => {
      sockets.push(socket)
      socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }))
    })
    const rig = await rigOf(websocketClient, { config: { url: `ws://127.0.0.1:${portOf(server)}`, retryMs: 10 } })
    await rig.send('Send', 'first')
    expect(await rig.probe('Message').until(1)).toBe('first')
    sockets[0]?.terminate()
    await rig.probe<{ connected: boolean }>('Status').until(({ connected }) => !connected)
    await rig.send('Send', new Uint8Array([1, 2]))
    expect(await rig.probe('Message').until(2)).toEqual(new Uint8Array([1, 2]))
  })

  it('reads no further while its messages are not taken', async () => {
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
    await new Promise<void>((resolve) => server.once('listening', () => resolve()))
    undo.push(() => server.close())
    const total = 1_000
    const filler = '.'.repeat(4_000)
    server.on('connection', (socket) => {
      for (let index = 1; index <= total; index++) socket.send(`${index}${filler}`)
    })
    const held = await behindGate(websocketClient, 'Message', { url: `ws://127.0.0.1:${portOf(server)}` })
    // What has been read of the socket may wait too, but no more.
    expect(await held.taken()).toBeLessThan(200)
    held.open()
    const probe = held.probe
    await probe.until(total)
    expect(probe.received.map((text) => Number.parseInt(text, 10))).toEqual(
      Array.from({ length: total }, (_, index) => index + 1),
    )
  })
})

describe('MQTT', () => {
  async function startBroker() {
    const broker = await Aedes.createBroker()
    const server = createServer(broker.handle)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    undo.push(
      () => server.close(),
      () => new Promise<void>((resolve) => broker.close(() => resolve())),
    )
    const subscribed = new Promise<void>((resolve) => broker.once('subscribe', () => resolve()))
    return { broker, url: `mqtt://127.0.0.1:${portOf(server)}`, subscribed }
  }

  it('carries messages over a broker in order', async () => {
    const { url, subscribed } = await startBroker()
    const listening = await rigOf(mqttIn, { config: { url, topics: ['mill/#'], read: 'json' } })
    await subscribed
    const publishing = await rigOf(mqttOut, { config: { url } })
    for (let n = 1; n <= 50; n++) await publishing.send('Input', { topic: 'mill/n', payload: { n } })
    await listening.probe('Output').until(50)
    const received = listening.probe<{ topic: string; payload: { n: number } }>('Output').received
    expect(received.map(({ topic, payload }) => [topic, payload.n])).toEqual(
      Array.from({ length: 50 }, (_, index) => ['mill/n', index + 1]),
    )
    await publishing.send('Input', 'nowhere to go')
    await publishing.settled()
    while (publishing.reasons().length === 0) await new Promise((resolve) => setImmediate(resolve))
    expect(publishing.reasons()).toEqual([expect.stringMatching(/no topic/)])
  })

  it('confirms no message to the broker that has no room yet, and brings all of them in order', async () => {
    const { broker, url, subscribed } = await startBroker()
    let confirmed = 0
    broker.on('ack', () => confirmed++)
    const held = await behindGate(mqttIn, 'Output', { url, topics: ['mill/n'], qos: 1 })
    await subscribed
    const total = 200
    const publish = (n: number) =>
      new Promise<void>((resolve, reject) => {
        const packet = { cmd: 'publish', topic: 'mill/n', payload: `${n}`, qos: 1, retain: false, dup: false } as const
        broker.publish(packet, (error) => (error ? reject(error) : resolve()))
      })
    const published = (async () => {
      for (let n = 1; n <= total; n++) await publish(n)
    })()
    expect(await held.taken()).toBeLessThan(20)
    expect(confirmed).toBeLessThan(20)
    held.open()
    await published
    await held.probe.until(total)
    expect(held.probe.received.map((message) => Number((message as unknown as { payload: string }).payload))).toEqual(
      Array.from({ length: total }, (_, index) => index + 1),
    )
  })
})

describe('a program', () => {
  it('gets the message and gives what it wrote; one that goes on for ever or writes too much is killed', async () => {
    const rig = await rigOf(exec, {
      config: { command: process.execPath, args: ['-e', 'process.stdin.pipe(process.stdout); process.exitCode = 3'] },
    })
    await rig.send('Input', { a: 1 })
    expect(await rig.probe('Output').until(1)).toMatchObject({ code: 3, stdout: '{"a":1}' })
    const endless = await rigOf(exec, {
      config: { command: process.execPath, args: ['-e', 'setInterval(() => {}, 1000)'], timeoutMs: 100 },
    })
    await endless.send('Input', '')
    const chatty = await rigOf(exec, {
      config: {
        command: process.execPath,
        args: ['-e', 'for (;;) process.stdout.write("x".repeat(1000))'],
        maxOutputBytes: 10_000,
      },
    })
    await chatty.send('Input', '')
    while (endless.reasons().length + chatty.reasons().length < 2) await new Promise((resolve) => setImmediate(resolve))
    expect(endless.reasons()[0]).toMatch(/longer than 100 ms/)
    expect(chatty.reasons()[0]).toMatch(/more than 10000 bytes/)
  })
})

describe('what nodes hear of others', () => {
  it('is what failed and what became of them', async () => {
    const network = new Network({ platform })
    const [caught, states] = [
      new Probe<{ node: string; reason: string }>(),
      new Probe<{ node: string; state: string }>(),
    ]
    network.addNode('parse', jsonParse)
    network.addNode('catch', catchActor, { metadata: { what: 'deadLetters' } })
    network.addNode('status', status)
    network.addNode('caught', caught.actor)
    network.addNode('states', states.actor)
    network.addWire({ node: 'catch', port: 'Output' }, { node: 'caught', port: 'Input' })
    network.addWire({ node: 'status', port: 'Output' }, { node: 'states', port: 'Input' })
    await network.start()
    undo.push(() => network.stop())
    await network.send('parse', 'Input', '{')
    expect(await caught.until(1)).toMatchObject({ node: 'parse', what: 'deadLetter', notShown: 0 })
    network.addNode('late', generator, { metadata: { everyMs: 60_000 } })
    await states.until(({ node, state }) => node === 'late' && state === 'started')
  })

  it('does not run away when what handles errors fails itself', async () => {
    const network = new Network({ platform })
    const failing = defineActor({ name: 'Failing', inports: { Input: {} }, run: ({ reject }) => reject('no') })
    network.addNode('catch', catchActor)
    network.addNode('handler', failing)
    network.addWire({ node: 'catch', port: 'Output' }, { node: 'handler', port: 'Input' })
    await network.start()
    undo.push(() => network.stop({ drainMs: 200 }))
    await network.send('handler', 'Input', 1)
    while (network.snapshot().deadLetters < 500) await new Promise((resolve) => setTimeout(resolve, 0))
    const queued = network.snapshot().nodes.reduce((sum, node) => sum + node.queued + node.outbox, 0)
    expect(queued).toBeLessThan(20)
  })
})
