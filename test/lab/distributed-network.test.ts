import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { DistributedNetwork, type DistributedConfig, type DistributedLogLine } from '../../src/lab/index.ts'
import { defineActor } from '../../src/runtime/index.ts'

let networks: DistributedNetwork[]
let lines: DistributedLogLine[]
beforeEach(() => {
  networks = []
  lines = []
})
afterEach(async () => {
  await Promise.all(networks.map((network) => network.shutdown({ drainMs: 0 })))
})

function create(networkId: string, config: Partial<DistributedConfig> = {}): DistributedNetwork {
  const network = new DistributedNetwork({
    networkId,
    instanceId: '1',
    authToken: `${networkId}-token`,
    log: (line) => lines.push(line),
    ...config,
  })
  networks.push(network)
  return network
}

/** Counts as fast as back pressure lets it. */
const counter = (state: { sent: number }) =>
  defineActor({
    name: 'Counter',
    outports: { Output: { kind: 'integer', capacity: 10 } },
    start({ out, signal }) {
      void (async () => {
        while (!signal.aborted) {
          await out.Output.send(state.sent)
          state.sent++
          if (state.sent % 64 === 0) await new Promise(setImmediate)
        }
      })()
    },
  })

/** Keeps what it gets; `gate` holds each message back. */
const sink = (received: unknown[], gate?: () => Promise<void>) =>
  defineActor({
    name: 'Sink',
    inports: { Input: { capacity: 20 } },
    async run({ inputs }) {
      await gate?.()
      received.push(inputs.Input)
    },
  })

/** Waits until something that other threads of work bring about is true. */
async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await new Promise(setImmediate)
}

/** A network that exports a counter, and one linked to it that has a sink. */
async function counterAndSink() {
  const data = create('data')
  data.registerLocalActor('counter', counter({ sent: 0 }), {}, { exported: true })
  await data.start()
  const received: unknown[] = []
  const ml = create('ml')
  ml.registerLocalActor('sink', sink(received))
  await ml.start()
  await ml.connectToNetwork(data.address ?? '', { token: 'data-token' })
  return { data, ml, received }
}

describe('a distributed network', () => {
  it("brings a peer's output to a local node, as the tutorial means it", async () => {
    const data = create('data_instance')
    data.registerLocalActor('data_processor', counter({ sent: 0 }), {}, { exported: true })
    await data.start()
    const received: unknown[] = []
    const ml = create('ml_instance')
    ml.registerLocalActor('feature_engineer', sink(received))
    await ml.start()
    const peer = await ml.connectToNetwork(data.address ?? '', { token: 'data_instance-token' })
    expect(peer).toMatchObject({ networkId: 'data_instance', instanceId: '1' })
    const id = await ml.registerRemoteActor('data_processor', 'data_instance')
    expect(id).toBe('data_processor@data_instance')
    ml.connect({ node: id, port: 'Output' }, { node: 'feature_engineer', port: 'Input' })
    await until(() => received.length > 1_000)
    const first = Number(received[0])
    expect(received.slice(0, 1_000)).toEqual(Array.from({ length: 1_000 }, (_, index) => first + index))
    expect((await ml.pingNetwork('data_instance')).rttMs).toBeGreaterThan(0)
  })

  it("sends to a peer's node, through a remote node and directly", async () => {
    const received: unknown[] = []
    const there = create('there')
    there.registerLocalActor('sink', sink(received), {}, { exported: true })
    await there.start()
    const here = create('here')
    here.registerLocalActor(
      'echo',
      defineActor({
        name: 'Echo',
        inports: { Input: {} },
        outports: { Output: {} },
        run: ({ inputs }) => ({ Output: inputs.Input }),
      }),
    )
    await here.start()
    await here.connectToNetwork(there.address ?? '', { token: 'there-token' })
    const id = await here.registerRemoteActor('sink', 'there')
    here.connect({ node: 'echo', port: 'Output' }, { node: id, port: 'Input' })
    await here.local.send('echo', 'Input', { through: 'a remote node', big: 2n ** 60n, bytes: new Uint8Array([1, 2]) })
    await until(() => received.length === 1)
    await here.sendToRemoteActor('there', 'sink', 'Input', Number.NaN)
    await until(() => received.length === 2)
    expect(received).toEqual([{ through: 'a remote node', big: 2n ** 60n, bytes: new Uint8Array([1, 2]) }, Number.NaN])
  })

  it('slows a source down to what a sink on the other side takes, and loses nothing', async () => {
    const state = { sent: 0 }
    const data = create('data')
    data.registerLocalActor('counter', counter(state), {}, { exported: true })
    await data.start()
    const received: unknown[] = []
    let isOpen = false
    let wake: () => void = () => undefined
    const ml = create('ml')
    ml.registerLocalActor(
      'sink',
      sink(received, async () => {
        if (!isOpen) await new Promise<void>((resolve) => (wake = resolve))
      }),
    )
    await ml.start()
    await ml.connectToNetwork(data.address ?? '', { token: 'data-token' })
    ml.connect(
      { node: await ml.registerRemoteActor('counter', 'data'), port: 'Output' },
      { node: 'sink', port: 'Input' },
    )

    const isBlocked = () => data.local.snapshot().nodes.find(({ id }) => id === 'counter')?.state === 'blocked'
    // Full when it is blocked and nothing more has been sent through many turns of the loop.
    let quietTurns = 0
    for (let before = -1; quietTurns < 500; quietTurns = state.sent === before && isBlocked() ? quietTurns + 1 : 0) {
      before = state.sent
      await new Promise(setImmediate)
    }
    const queued = [data, ml]
      .flatMap((network) => network.local.snapshot().wires)
      .reduce((sum, wire) => sum + wire.queued, 0)
    const capacity = [data, ml]
      .flatMap((network) => network.local.snapshot().wires)
      .reduce((sum, wire) => sum + wire.capacity, 0)
    expect(queued).toBeLessThanOrEqual(capacity)
    expect(isBlocked()).toBe(true)
    const sentWhenFull = state.sent

    isOpen = true
    wake()
    await until(() => received.length > sentWhenFull + 1_000)
    const first = Number(received[0])
    expect(received.every((value, index) => value === first + index)).toBe(true)
    expect([...data.links(), ...ml.links()].every(({ lost, duplicated }) => lost === 0 && duplicated === 0)).toBe(true)
  })

  it('takes all that had come when the receiving side stops', async () => {
    const { ml, received } = await counterAndSink()
    ml.connect(
      { node: await ml.registerRemoteActor('counter', 'data'), port: 'Output' },
      { node: 'sink', port: 'Input' },
    )
    await until(() => received.length > 500)
    expect(await ml.shutdown()).toEqual({ left: 0 })
    const [link] = ml.links()
    expect(link).toMatchObject({ lost: 0, duplicated: 0 })
    expect(received).toHaveLength(link?.received ?? -1)
    const first = Number(received[0])
    expect(received.every((value, index) => value === first + index)).toBe(true)
    expect(ml.local.snapshot().deadLetters).toBe(0)
  })

  it('reports what comes while the receiving side drains rather than swallow it', async () => {
    const there = create('there')
    let free: () => void = () => undefined
    const held = new Promise<void>((resolve) => (free = resolve))
    const received: unknown[] = []
    there.registerLocalActor(
      'sink',
      sink(received, () => held),
      {},
      { exported: true },
    )
    await there.start()
    const here = create('here')
    await here.start()
    await here.connectToNetwork(there.address ?? '', { token: 'there-token' })
    for (let value = 0; value < 50; value++) await here.sendToRemoteActor('there', 'sink', 'Input', value)
    await until(() => (there.links()[0]?.received ?? 0) === 50)
    const stopping = there.shutdown({ drainMs: 500 })
    await until(() => there.local.state === 'draining')
    free()
    const { left } = await stopping
    expect(received.length + left + (there.links()[0]?.lost ?? 0)).toBe(50)
  })

  it('keeps what a peer sent and a port does not take as dead letters', async () => {
    const there = create('there')
    there.registerLocalActor(
      'numbers',
      defineActor({ name: 'Numbers', inports: { Input: { kind: 'integer' } }, run: () => undefined }),
      {},
      { exported: true },
    )
    await there.start()
    const here = create('here')
    await here.start()
    await here.connectToNetwork(there.address ?? '', { token: 'there-token' })
    for (const value of ['a', 'b', 3]) await here.sendToRemoteActor('there', 'numbers', 'Input', value)
    await until(() => there.local.snapshot().nodes.some(({ id, received }) => id === 'numbers' && received === 1))
    expect(there.local.deadLetters()).toMatchObject([
      {
        code: 'KIND_MISMATCH',
        node: 'numbers',
        port: 'Input',
        source: 'here/1',
        preview: expect.stringContaining('a') as string,
      },
      { code: 'KIND_MISMATCH', preview: expect.stringContaining('b') as string },
    ])
  })

  it('takes what a peer sends while somebody here forgets to await', async () => {
    const there = create('there')
    let free: () => void = () => undefined
    const held = new Promise<void>((resolve) => (free = resolve))
    const received: unknown[] = []
    there.registerLocalActor(
      'sink',
      sink(received, () => held),
      {},
      { exported: true },
    )
    await there.start()
    const here = create('here')
    await here.start()
    await here.connectToNetwork(there.address ?? '', { token: 'there-token' })
    // One more than there is room for waits, and nobody awaits it.
    while (there.local.send('sink', 'Input', 'local') === undefined);
    await here.sendToRemoteActor('there', 'sink', 'Input', 'from a peer')
    await until(() => there.links()[0]?.received === 1)
    free()
    await until(() => received.includes('from a peer'))
    expect(there.local.deadLetters()).toEqual([])
  })

  it('goes on with a node that was replaced while peers listened to it', async () => {
    const { data, ml, received } = await counterAndSink()
    ml.connect(
      { node: await ml.registerRemoteActor('counter', 'data'), port: 'Output' },
      { node: 'sink', port: 'Input' },
    )
    await until(() => received.length > 0)
    await data.unregisterLocalActor('counter')
    data.registerLocalActor('counter', counter({ sent: 1_000_000 }), {}, { exported: true })
    await until(() => Number(received.at(-1)) > 1_000_000)
  })

  it('can take a remote node away while messages come, and put it back', async () => {
    const { ml, received } = await counterAndSink()
    const join = async () => {
      const id = await ml.registerRemoteActor('counter', 'data')
      ml.connect({ node: id, port: 'Output' }, { node: 'sink', port: 'Input' })
      return id
    }
    const id = await join()
    await until(() => received.length > 100)
    await ml.unregisterRemoteActor(id)
    const before = received.length
    await join()
    await until(() => received.length > before + 100)
  })

  it('is refused with a wrong token, and says why', async () => {
    const data = create('data')
    await data.start()
    const ml = create('ml')
    await ml.start()
    await expect(ml.connectToNetwork(data.address ?? '', { token: 'wrong-token' })).rejects.toMatchObject({
      code: 'AUTH_FAILED',
    })
    await until(() => lines.filter(({ level }) => level === 'warn' || level === 'error').length >= 2)
    expect(JSON.stringify(lines)).not.toMatch(/wrong-token|data-token/)
  })

  it('shows peers nothing but what is exported', async () => {
    const data = create('data')
    data.registerLocalActor('secret', sink([]))
    data.registerLocalActor('open', sink([]), {}, { exported: true })
    await data.start()
    const ml = create('ml')
    await ml.start()
    await ml.connectToNetwork(data.address ?? '', { token: 'data-token' })
    expect((await ml.discoverActors('data')).map(({ id }) => id)).toEqual(['open'])
    await expect(ml.registerRemoteActor('secret', 'data')).rejects.toMatchObject({ code: 'NOT_EXPORTED' })
    await expect(ml.sendToRemoteActor('data', 'secret', 'Input', 1)).rejects.toMatchObject({ code: 'NOT_EXPORTED' })
    for (const port of ['Nowhere', 'constructor', '__proto__'])
      await expect(ml.sendToRemoteActor('data', 'open', port, 1)).rejects.toMatchObject({ code: 'PORT_UNKNOWN' })
  })

  it('keeps going when an actor throws, and keeps what it could not process', async () => {
    const received: unknown[] = []
    const network = create('faulty')
    network.registerLocalActor(
      'picky',
      defineActor({
        name: 'Picky',
        inports: { Input: { kind: 'integer' } },
        run({ inputs }) {
          if (inputs.Input === 13) throw new Error('thirteen')
          received.push(inputs.Input)
        },
      }),
    )
    await network.start()
    for (const value of [12, 13, 14]) await network.local.send('picky', 'Input', value)
    await until(() => received.length === 2)
    expect(received).toEqual([12, 14])
    expect(network.local.deadLetters()).toMatchObject([
      { node: 'picky', port: 'Input', code: 'BEHAVIOUR_FAILED', reason: expect.stringContaining('thirteen') as string },
    ])
  })

  it('can be shut down twice, frees its port, and says when the port is taken', async () => {
    const first = create('first')
    await first.start()
    const port = Number(first.address?.split(':')[1])
    const second = create('second', { bindPort: port })
    await expect(second.start()).rejects.toMatchObject({ code: 'PORT_IN_USE' })
    await Promise.all([first.shutdown(), first.shutdown()])
    const third = create('third', { bindPort: port })
    await third.start()
    expect(third.address).toBe(`127.0.0.1:${port}`)
  })
})
