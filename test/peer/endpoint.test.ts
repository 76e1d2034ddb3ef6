import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { EndpointOptions } from '../../src/peer/index.ts'
import { makePeer, type TestPeer } from './kit.ts'
import { VirtualWorld } from './virtual-world.ts'

const numbers = (count: number) => Array.from({ length: count }, (_, number) => number)

function makeWorld(seed: number, latencyMs?: number) {
  const world = new VirtualWorld(seed, latencyMs)
  const peer = (name: string, options: Partial<EndpointOptions> = {}) =>
    makePeer(name, { transport: world.network.transport, platform: world.platform, ...options })
  return { world, peer }
}

/** `ml` dials `data`, and both are linked. */
async function linked(seed = 1, { latencyMs, ...options }: Partial<EndpointOptions> & { latencyMs?: number } = {}) {
  const { world, peer } = makeWorld(seed, latencyMs)
  const [data, ml] = [peer('data', options), peer('ml', options)]
  const { port } = await data.endpoint.start()
  const address = `127.0.0.1:${port}`
  ml.endpoint.dial(address, { token: 'data_token' })
  await world.advance(500)
  return { world, peer, data, ml, port, address }
}

/** Sends as far as there is room, going on when there is; resolves once all has been accepted. */
async function sendAll(from: TestPeer, network: string, count: number): Promise<void> {
  const channel = from.endpoint.openChannel(network, 'worker', 'In')
  for (const number of numbers(count)) await channel.send(number)
}

interface Fault {
  readonly waitMs: number
  /** Nothing arrives any more and nobody is told; else the connections end. */
  readonly freeze: boolean
}

/** Sends both ways while every connection is cut or frozen now and again: all arrives once and in order, in one session. */
async function sendThroughFaults(seed: number, faults: readonly Fault[], bothDial: boolean): Promise<void> {
  const { world, data, ml } = await linked(seed, { latencyMs: 80 })
  if (bothDial) {
    const { port } = await ml.endpoint.start()
    data.endpoint.dial(`127.0.0.1:${port}`, { token: 'ml_token' })
  }
  const sending = [sendAll(ml, 'data', 3000), sendAll(data, 'ml', 2000)]
  for (const { waitMs, freeze } of faults) {
    await world.advance(waitMs)
    if (freeze) world.network.freezeAll()
    else world.network.cutAll()
  }
  await world.advance(50_000)
  await Promise.all(sending)
  await world.advance(1000)
  expect(data.exports.taken).toEqual(numbers(3000))
  expect(ml.exports.taken).toEqual(numbers(2000))
  expect(ml.endpoint.links()).toMatchObject([{ state: 'up', sent: 3000, received: 2000, lost: 0, duplicated: 0 }])
  expect(data.endpoint.links()).toMatchObject([{ state: 'up', sent: 2000, received: 3000, lost: 0 }])
  const stopping = Promise.all([data.endpoint.stop(), ml.endpoint.stop()])
  await world.advance(1000)
  await stopping
  expect(world.network.openConnections).toBe(0)
  expect(world.timers).toBe(0)
}

describe('two endpoints', () => {
  it('lose nothing, repeat nothing and keep the order, whatever is cut when', async () => {
    const fault = fc.record({ waitMs: fc.integer({ min: 1, max: 700 }), freeze: fc.boolean() })
    await fc.assert(
      fc.asyncProperty(fc.integer(), fc.array(fault, { maxLength: 12 }), fc.boolean(), sendThroughFaults),
      { numRuns: 150, interruptAfterTimeLimit: 12_000 },
    )
  })

  it('go on though the connection that one of them asked to go on over was overtaken by another', async () => {
    // Both dial after the first cut. What one says it has received waits at the other until the connection that was faster is
    // cut as well, and is then older than what that one acknowledged.
    const faults = [
      { waitMs: 86, freeze: true },
      { waitMs: 6, freeze: false },
      { waitMs: 297, freeze: false },
    ]
    await sendThroughFaults(674_547_927, faults, true)
  })

  it('account for every message when the peer stays away too long or is started anew', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer(), fc.nat(300), fc.constantFrom('away', 'anew'), async (seed, cutMs, fate) => {
        const { world, peer, data, ml, port } = await linked(seed, { latencyMs: 80 })
        const sending = sendAll(ml, 'data', 4000)
        await world.advance(cutMs)
        world.network.freezeAll()
        let taken = data.exports.taken
        if (fate === 'anew') {
          // A process that is killed says no goodbye: its port is free again and it never speaks.
          const again = peer('data', { bindPort: port })
          const stopped = data.endpoint.stop()
          await world.advance(1)
          await stopped
          await again.endpoint.start()
          await world.advance(30_000)
          taken = [...taken, ...again.exports.taken]
        } else {
          const plugIn = world.network.unplug(port)
          await world.advance(80_000)
          plugIn()
          await world.advance(30_000)
        }
        await sending
        await world.advance(1000)
        const [link] = ml.endpoint.links()
        expect(link).toMatchObject({ state: 'up', sent: 4000 })
        const unique = new Set(taken)
        expect(unique.size).toBe(taken.length)
        if (fate === 'away') expect(link?.lost).toBe(4000 - taken.length)
        else expect(link?.lost).toBeGreaterThanOrEqual(4000 - taken.length)
        if (fate === 'away') expect(link?.uncertain).toBeUndefined()
        expect([...taken].sort((left, right) => Number(left) - Number(right))).toEqual(taken)
        await Promise.all([data.endpoint.stop(), ml.endpoint.stop()])
      }),
      { numRuns: 60, interruptAfterTimeLimit: 8000 },
    )
  })

  it('suspect a silent peer after 3 s, give it up after 8 and go on when it is back', async () => {
    const { world, data, ml } = await linked()
    const startMs = world.nowMs
    world.network.freezeAll()
    await world.advance(3500)
    expect(ml.endpoint.links()[0]?.state).toBe('suspect')
    await world.advance(5500)
    expect(ml.events.map(({ type }) => type)).toEqual(['linkUp', 'linkSuspect', 'linkDown', 'linkUp'])
    expect(ml.events[2]).toMatchObject({ reason: 'no sign of life for 8.0 s', resumable: true })
    expect(ml.events[3]).toMatchObject({ resumed: true })
    expect(world.nowMs - startMs).toBe(9000)
    const sending = sendAll(ml, 'data', 1)
    await world.advance(100)
    await sending
    expect(data.exports.taken).toEqual([0])
  })

  it('say nothing but heartbeats for an hour, and stay up', async () => {
    const { world, data, ml } = await linked()
    await world.advance(3_600_000)
    expect([...ml.events, ...data.events].map(({ type }) => type)).toEqual(['linkUp', 'linkUp'])
    // One ping and one answer of 28 bytes every 2 s, at most two of each.
    expect(ml.endpoint.links()[0]?.sentBytes).toBeLessThan(1800 * 4 * 36)
  })

  it('try again for ever, with pauses of up to 15 s and a countdown', async () => {
    const { world, peer } = makeWorld(3)
    const ml = peer('ml')
    ml.endpoint.dial('127.0.0.1:40000', { token: 'data_token' })
    await world.advance(600_000)
    expect(ml.endpoint.links()).toMatchObject([
      { state: 'connecting', reason: expect.stringContaining('nothing listens') },
    ])
    expect(ml.endpoint.links()[0]?.retryInMs).toBeLessThanOrEqual(15_000)
    expect(ml.logs).toHaveLength(1)
    const data = peer('data')
    await data.endpoint.start()
    await world.advance(16_000)
    expect(ml.endpoint.links()).toMatchObject([{ state: 'up' }])
  })

  it('try seldom where they were refused, and link once the token is right', async () => {
    const { world, peer } = makeWorld(4)
    const data = peer('data', { authToken: 'changed' })
    const ml = peer('ml')
    const { port } = await data.endpoint.start()
    ml.endpoint.dial(`127.0.0.1:${port}`, { token: 'data_token' })
    await world.advance(60_000)
    expect(ml.events.filter(({ type }) => type === 'linkRefused').length).toBeLessThanOrEqual(12)
    expect(ml.logs).toHaveLength(1)
    expect(data.logs).toHaveLength(1)
    ml.endpoint.dial(`127.0.0.1:${port}`, { token: 'changed' })
    await world.advance(100)
    expect(ml.endpoint.links()).toMatchObject([{ state: 'up' }])
  })

  it('open a refused channel as soon as the peer exports the node', async () => {
    const { world, data, ml } = await linked()
    const openInport = data.exports.openInport.bind(data.exports)
    let exported = 'nothing yet'
    data.exports.openInport = (peer, node, port) => openInport(peer, node === exported ? 'worker' : 'hidden', port)
    const channel = ml.endpoint.openChannel('data', 'late', 'In')
    const refused = channel.send(1)?.then(undefined, (error: Error) => error.message)
    await world.advance(20_000)
    expect(await refused).toBe('"hidden" is not exported')
    expect(ml.events.filter(({ type }) => type === 'channelRefused')).toHaveLength(1)
    exported = 'late'
    await world.advance(5000)
    expect(channel.send(2)).toBeUndefined()
    await world.advance(100)
    expect(data.exports.taken).toEqual([2])
  })

  it('let a newcomer with the same name in once its namesake is silent, and keep that one out from then on', async () => {
    const { world, peer, address, data, ml } = await linked()
    world.network.freezeAll()
    const twin = peer('ml')
    twin.endpoint.dial(address, { token: 'data_token' })
    await world.advance(1500)
    expect(twin.endpoint.links()).toMatchObject([{ state: 'up' }])
    await world.advance(20_000)
    expect(ml.endpoint.links()).toMatchObject([
      { state: 'refused', reason: expect.stringContaining('has taken the place of this one') },
    ])
    expect(data.endpoint.links()).toMatchObject([{ peer: 'ml/ml_001', state: 'up' }])
  })

  it('hand over what an earlier session brought before what the next one brings', async () => {
    const { world, data, ml, port } = await linked(5, { resumeWindowMs: 200 })
    const held: (() => void)[] = []
    // oxlint-disable-next-line unicorn/no-thenable -- a promise would not be released by hand
    data.exports.take = () => ({ then: (taken) => void held.push(() => void taken?.()) as never })
    const channel = ml.endpoint.openChannel('data', 'worker', 'In')
    void channel.send(0)
    await world.advance(100)
    for (const number of numbers(50).slice(1)) void channel.send(number)
    await world.advance(100)
    const plugIn = world.network.unplug(port)
    await world.advance(1000)
    plugIn()
    await world.advance(16_000)
    for (const number of numbers(100).slice(50)) void channel.send(number)
    await world.advance(1000)
    data.exports.take = () => undefined
    held[0]?.()
    await world.advance(1000)
    expect(data.exports.taken).toEqual(numbers(100))
  })

  it('end a subscription at once when there is no connection to wait on', async () => {
    const { world, data, ml, port } = await linked()
    const subscribe = () => ml.endpoint.subscribe('data', 'worker', 'Out', { deliver: () => undefined })
    const [before, during] = [subscribe(), subscribe()]
    await world.advance(100)
    const ended: string[] = []
    // What the peer answers to this is lost with the cut.
    void before().then(() => ended.push('before the cut'))
    const plugIn = world.network.unplug(port)
    await world.advance(10)
    void during().then(() => ended.push('during the cut'))
    await world.advance(10)
    expect(ended).toEqual(['before the cut', 'during the cut'])
    plugIn()
    await world.advance(20_000)
    expect(data.exports.subscribers.size).toBe(0)
    expect(ml.endpoint.links()).toMatchObject([{ state: 'up', channels: [] }])
  })

  it('keep the order through an unsubscription and the next subscription to the same port', async () => {
    const { world, data, ml } = await linked(7, { latencyMs: 40 })
    const taken: unknown[] = []
    const held: (() => void)[] = []
    let slow = true
    const deliver = (value: unknown) => {
      taken.push(value)
      // oxlint-disable-next-line unicorn/no-thenable -- a promise would not be released by hand
      return slow ? { then: (done?: (() => void) | null) => void held.push(() => done?.()) as never } : undefined
    }
    const emit = (from: number, to: number) => {
      for (let number = from; number < to; number++)
        for (const channel of data.exports.subscribers) channel.send(number)
    }
    const first = ml.endpoint.subscribe('data', 'worker', 'Out', { deliver })
    await world.advance(200)
    emit(0, 50)
    await world.advance(1)
    let over = false
    void first().then(() => (over = true))
    ml.endpoint.subscribe('data', 'worker', 'Out', { deliver })
    emit(50, 100)
    await world.advance(500)
    emit(100, 150)
    await world.advance(500)
    expect(taken).toEqual([0])
    expect(over).toBe(false)
    slow = false
    held[0]?.()
    await world.advance(500)
    expect(over).toBe(true)
    expect(taken).toEqual(numbers(150))
  })

  it('begin a subscription though the sink of the one before takes nothing any more', async () => {
    const { world, data, ml } = await linked()
    const first = ml.endpoint.subscribe('data', 'worker', 'Out', { deliver: () => new Promise(() => {}) })
    await world.advance(100)
    for (const channel of data.exports.subscribers) for (const number of numbers(3)) channel.send(number)
    await world.advance(100)
    const ended = first()
    const taken: unknown[] = []
    ml.endpoint.subscribe('data', 'worker', 'Out', { deliver: (value) => void taken.push(value) })
    await world.advance(100)
    for (const channel of data.exports.subscribers) channel.send('next')
    await world.advance(9000)
    expect(taken).toEqual([])
    await world.advance(2000)
    expect(taken).toEqual(['next'])
    const stopped = ml.endpoint.stop()
    await world.advance(1000)
    await Promise.all([ended, stopped])
    expect(ml.events).toContainEqual(expect.objectContaining({ type: 'messagesLost', direction: 'in', from: 1, to: 3 }))
  })
})
