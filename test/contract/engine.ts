import { randomBytes } from 'node:crypto'
import * as fc from 'fast-check'
import { afterEach, expect, it } from 'vitest'
import type { EndpointOptions, Transport } from '../../src/peer/index.ts'
import { makeToken, TracedMessage } from '../../src/peer/index.ts'
import { deliveryModes } from '../../src/shared/index.ts'
import { makePeer, type TestPeer, type TestPeerOptions } from '../peer/kit.ts'
import { arrivedAs, saidMessages } from '../peer/said-messages.ts'

const numbers = (count: number) => Array.from({ length: count }, (_, number) => number)

/** What every engine keeps, whatever carries its bytes. */
export function engineContract(makeTransport: () => Transport): void {
  const made: TestPeer[] = []

  const peer = (name: string, options: TestPeerOptions) => {
    const testPeer = makePeer(name, options)
    made.push(testPeer)
    return testPeer
  }

  /** `ml` dials `data`. */
  const pair = async (options: Partial<EndpointOptions> = {}) => {
    const transport = makeTransport()
    const data = peer('data', { transport, ...options })
    const ml = peer('ml', { transport, ...options })
    const { host, port } = await data.endpoint.start()
    await ml.endpoint.start()
    const address = `${host}:${port}`
    const undial = ml.endpoint.dial(address, { token: 'data_token' })
    return { transport, data, ml, address, port, undial }
  }

  afterEach(async () => {
    await Promise.all(made.splice(0).map(({ endpoint }) => endpoint.stop()))
  })

  it('says who answered at a dialled address', async () => {
    const { data, ml, address } = await pair()
    expect(await ml.endpoint.connected(address)).toEqual({ networkId: 'data', instanceId: 'data_001' })
    expect(ml.endpoint.links()).toMatchObject([
      { peer: 'data/data_001', address, direction: 'dialled', state: 'up', secure: true, reconnects: 0 },
    ])
    await data.event('linkUp')
    expect(data.endpoint.links()).toMatchObject([{ peer: 'ml/ml_001', direction: 'accepted', state: 'up' }])
  })

  it('brings messages to an inport in the order they were sent', async () => {
    const { data, ml } = await pair()
    const channel = ml.endpoint.openChannel('data', 'worker', 'In')
    for (const number of numbers(5000)) await channel.send(number)
    await data.exports.received(5000)
    expect(data.exports.taken).toEqual(numbers(5000))
    expect(data.exports.opened).toEqual([
      { peer: { networkId: 'ml', instanceId: 'ml_001' }, node: 'worker', port: 'In' },
    ])
  })

  it.each(deliveryModes)(
    'keeps the kind that was said of a message, followed or not, in a %s channel',
    async (delivery) => {
      const { data, ml, address } = await pair()
      await ml.endpoint.connected(address)
      const channel = ml.endpoint.openChannel('data', 'worker', 'In', { delivery })
      const parent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
      await fc.assert(
        fc.asyncProperty(saidMessages, fc.boolean(), async ({ sent, kind, value }, followed) => {
          const before = data.exports.taken.length
          await channel.send(followed ? new TracedMessage(sent, parent, 'a=b') : sent)
          await data.exports.received(before + 1)
          const arrived = data.exports.taken.at(-1)
          if (followed) expect(arrived).toMatchObject({ parent, state: 'a=b' })
          expect(arrivedAs(arrived instanceof TracedMessage ? arrived.value : arrived)).toEqual({ kind, value })
        }),
        { numRuns: 60 },
      )
    },
  )

  it('carries messages against the direction of the dial', async () => {
    const { data, ml } = await pair()
    const channel = data.endpoint.openChannel('ml', 'worker', 'In')
    await channel.send('hello')
    await ml.exports.received(1)
    expect(ml.exports.taken).toEqual(['hello'])
  })

  it('brings what an outport emits to a subscriber, until it unsubscribes', async () => {
    const { data, ml } = await pair()
    const taken: unknown[] = []
    let arrived = () => {}
    const first = new Promise<void>((done) => (arrived = done))
    const unsubscribe = ml.endpoint.subscribe('data', 'worker', 'Out', {
      deliver(value) {
        taken.push(value)
        if (taken.length === 100) arrived()
        return undefined
      },
    })
    await data.exports.subscribed(1)
    for (const channel of data.exports.subscribers) for (const number of numbers(100)) await channel.send(number)
    await first
    expect(taken).toEqual(numbers(100))
    unsubscribe()
    await data.exports.subscribed(0)
  })

  it('counts what was sent and received on both sides, and loses nothing', async () => {
    const { data, ml } = await pair()
    const channel = ml.endpoint.openChannel('data', 'worker', 'In')
    for (const number of numbers(300)) await channel.send(number)
    await data.exports.received(300)
    expect(ml.endpoint.links()[0]).toMatchObject({ sent: 300, lost: 0, duplicated: 0 })
    expect(data.endpoint.links()[0]).toMatchObject({ received: 300, lost: 0, duplicated: 0 })
    expect(data.endpoint.links()[0]?.channels).toMatchObject([
      { direction: 'in', node: 'worker', port: 'In', messages: 300, queued: 0 },
    ])
  })

  it('stops the sender when the sink takes nothing, and goes on when it does', async () => {
    const { data, ml } = await pair()
    const held: (() => void)[] = []
    data.exports.take = () => new Promise((taken) => held.push(taken))
    const channel = ml.endpoint.openChannel('data', 'worker', 'In')
    await channel.send(0)
    let sent = 1
    let waiting: PromiseLike<void> | undefined
    while (waiting === undefined) waiting = channel.send(sent++)
    expect(sent).toBe(1025)
    expect(channel.queued).toBeGreaterThan(0)
    await data.exports.received(1)
    data.exports.take = () => undefined
    held[0]?.()
    await waiting
    await data.exports.received(sent)
    expect(data.exports.taken).toEqual(numbers(sent))
  })

  it('lets a fast port go on while another of the same link is full', async () => {
    const { data, ml } = await pair()
    data.exports.take = (value) => (value === 'stuck' ? new Promise(() => {}) : undefined)
    const stuck = ml.endpoint.openChannel('data', 'worker', 'In')
    const fast = ml.endpoint.openChannel('data', 'worker', 'In')
    await stuck.send('stuck')
    while (stuck.send('more') === undefined);
    for (const number of numbers(3000)) await fast.send(number)
    await data.exports.received(3001)
    expect(data.exports.taken.slice(1)).toEqual(numbers(3000))
  })

  it('waits with what is sent before the peer is there', async () => {
    const transport = makeTransport()
    const ml = peer('ml', { transport })
    const channel = ml.endpoint.openChannel('data', 'worker', 'In')
    const sent = channel.send('early')
    expect(channel.queued).toBe(1)
    const data = peer('data', { transport })
    const { host, port } = await data.endpoint.start()
    ml.endpoint.dial(`${host}:${port}`, { token: 'data_token' })
    await sent
    await data.exports.received(1)
    expect(data.exports.taken).toEqual(['early'])
  })

  it('refuses more than 256 sends that wait, naming what to do', async () => {
    const ml = peer('ml', { transport: makeTransport() })
    const channel = ml.endpoint.openChannel('data', 'worker', 'In')
    for (const number of numbers(256)) void channel.send(number)
    expect(() => channel.send('one more')).toThrow('await what send answers')
  })

  it.each([
    ['nobody', 'In', 'NOT_EXPORTED'],
    ['worker', 'Nowhere', 'PORT_UNKNOWN'],
  ])('tells the sender that "%s.%s" cannot be reached: %s', async (node, port, code) => {
    const { ml } = await pair()
    const channel = ml.endpoint.openChannel('data', node, port)
    await expect(channel.send(1)).rejects.toMatchObject({ code })
    expect(await ml.event('channelRefused')).toMatchObject({ node, port, code, peer: { networkId: 'data' } })
    await expect(channel.send(2)).rejects.toMatchObject({ code })
  })

  it('refuses a message that is too large at its sender, and carries on', async () => {
    const { data, ml } = await pair()
    const channel = ml.endpoint.openChannel('data', 'worker', 'In')
    await channel.send('before')
    await expect(channel.send(new Uint8Array(65 * 1024 * 1024))).rejects.toMatchObject({ code: 'TOO_BIG' })
    await channel.send('after')
    await data.exports.received(2)
    expect(data.exports.taken).toEqual(['before', 'after'])
  })

  it('refuses a value that no message can hold', async () => {
    const { ml, address } = await pair()
    await ml.endpoint.connected(address)
    const channel = ml.endpoint.openChannel('data', 'worker', 'In')
    await expect(channel.send({ run: () => {} })).rejects.toMatchObject({ code: 'MESSAGE_INVALID' })
  })

  it('carries messages of several megabytes', async () => {
    const { data, ml } = await pair()
    const channel = ml.endpoint.openChannel('data', 'worker', 'In')
    const large = Uint8Array.from(randomBytes(5 * 1024 * 1024))
    await channel.send(large)
    await channel.send('small')
    await data.exports.received(2)
    expect(Buffer.compare(data.exports.taken[0] as Uint8Array, large)).toBe(0)
    expect(data.exports.taken[1]).toBe('small')
  })

  it('closes a channel after what was accepted', async () => {
    const { data, ml } = await pair()
    const channel = ml.endpoint.openChannel('data', 'worker', 'In')
    for (const number of numbers(50)) await channel.send(number)
    channel.close()
    channel.close()
    await data.exports.closedSinks(1)
    expect(data.exports.taken).toEqual(numbers(50))
    await expect(channel.send('late')).rejects.toMatchObject({ code: 'LINK_DOWN' })
  })

  it('lists what the peer exports, and answers pings', async () => {
    const { ml, address } = await pair()
    await ml.endpoint.connected(address)
    expect(await ml.endpoint.directory('data')).toMatchObject([{ id: 'worker', outports: [{ kind: 'object' }] }])
    expect((await ml.endpoint.ping('data')).rttMs).toBeGreaterThanOrEqual(0)
    await expect(ml.endpoint.ping('nobody')).rejects.toMatchObject({ code: 'PEER_UNKNOWN' })
  })

  it('changes tokens without dropping a link, and judges new connections by the new ones', async () => {
    const transport = makeTransport()
    const [old, current] = [makeToken('old'), makeToken('current')]
    const data = peer('data', { transport, authToken: old })
    const ml = peer('ml', { transport })
    const { host, port } = await data.endpoint.start()
    const address = `${host}:${port}`
    ml.endpoint.dial(address, { token: old })
    await ml.endpoint.connected(address)
    const channel = ml.endpoint.openChannel('data', 'worker', 'In')
    await channel.send(1)
    expect(data.endpoint.changeTokens([current, old])).toEqual(['current', 'old'])
    expect(data.endpoint.changeTokens([current])).toEqual(['current'])
    ml.endpoint.changeDialTokens(address, { token: old, nextToken: current })
    await channel.send(2)
    await data.exports.received(2)
    for (const { endpoint } of [data, ml])
      expect(endpoint.links()).toMatchObject([{ state: 'up', key: 'old', reconnects: 0 }])
    // The next connection is refused with the old token and made with the new, and the session goes on.
    ml.endpoint.redial(address)
    await channel.send(3)
    await data.exports.received(3)
    expect(ml.endpoint.links()).toMatchObject([{ state: 'up', key: 'current', lost: 0, reconnects: 1 }])
    expect(await data.event('linkUp', ({ key }) => key === 'current')).toMatchObject({ resumed: true })
    const late = peer('late', { transport })
    late.endpoint.dial(address, { token: old })
    await expect(late.endpoint.connected(address)).rejects.toMatchObject({ code: 'TOKEN_RETIRED' })
    const stranger = peer('stranger', { transport })
    stranger.endpoint.dial(address, { token: makeToken('guess') })
    // A stranger hears no more than of any wrong token; whoever runs the instance sees which key it was.
    await expect(stranger.endpoint.connected(address)).rejects.toMatchObject({ code: 'AUTH_FAILED' })
    expect(await data.event('linkRefused', ({ code }) => code === 'TOKEN_UNKNOWN')).toMatchObject({
      reason: expect.stringContaining('"guess"') as string,
    })
    expect(JSON.stringify([...data.logs, ...ml.logs, ...late.logs, ...stranger.logs])).not.toContain('mr1_')
  })

  it('answers any number of questions for what is exported that are asked at once', async () => {
    const { data, ml, address } = await pair()
    await ml.endpoint.connected(address)
    await ml.event('exportsChanged')
    let asked = 0
    const directory = data.exports.directory.bind(data.exports)
    data.exports.directory = () => {
      asked++
      return directory()
    }
    const answers = await Promise.all(numbers(500).map(() => ml.endpoint.directory('data')))
    expect(new Set(answers.map((nodes) => nodes[0]?.id))).toEqual(new Set(['worker']))
    // The first, and one that the others share.
    expect(asked).toBe(2)
    await ml.endpoint.directory('data')
    expect(asked).toBe(3)
  })

  it('refuses a wrong token and says so on both sides, once', async () => {
    const { data, transport, address } = await pair()
    const stranger = peer('stranger', { transport })
    stranger.endpoint.dial(address, { token: 'wrong' })
    await expect(stranger.endpoint.connected(address)).rejects.toMatchObject({ code: 'AUTH_FAILED' })
    expect(stranger.endpoint.links()).toMatchObject([{ state: 'refused', reason: expect.stringContaining('token') }])
    expect(stranger.logs.filter(({ text }) => text.includes('AUTH_FAILED'))).toMatchObject([
      { level: 'warn', text: expect.stringContaining(`data/data_001 at ${address} refused the link`) },
    ])
    expect(data.logs.filter(({ text }) => text.includes('AUTH_FAILED'))).toMatchObject([
      { level: 'warn', text: expect.stringContaining('refused the link of stranger/stranger_001') },
    ])
    expect(data.endpoint.links().map(({ peer: name }) => name)).not.toContain('stranger/stranger_001')
  })

  it('refuses a peer that has no token when one was given for it', async () => {
    const transport = makeTransport()
    const open = peer('open', { transport, open: true })
    const ml = peer('ml', { transport })
    const { host, port } = await open.endpoint.start()
    ml.endpoint.dial(`${host}:${port}`, { token: 'some' })
    await expect(ml.endpoint.connected(`${host}:${port}`)).rejects.toThrow('cannot prove who it is')
    expect(ml.events.map(({ type }) => type)).not.toContain('linkUp')
  })

  it('links without tokens on one machine, and marks the link as not secure', async () => {
    const transport = makeTransport()
    const open = peer('open', { transport, open: true })
    const ml = peer('ml', { transport })
    const { host, port } = await open.endpoint.start()
    ml.endpoint.dial(`${host}:${port}`)
    await ml.endpoint.connected(`${host}:${port}`)
    expect(ml.endpoint.links()[0]).toMatchObject({ state: 'up', secure: false })
  })

  it('accepts further tokens beside its own', async () => {
    const transport = makeTransport()
    const data = peer('data', { transport, acceptTokens: ['next'] })
    const ml = peer('ml', { transport })
    const { host, port } = await data.endpoint.start()
    ml.endpoint.dial(`${host}:${port}`, { token: 'next' })
    await ml.endpoint.connected(`${host}:${port}`)
    expect(ml.endpoint.links()[0]).toMatchObject({ secure: true })
  })

  it('refuses to link with another network than the one expected', async () => {
    const { transport, address } = await pair()
    const api = peer('api', { transport })
    api.endpoint.dial(address, { token: 'data_token', expectNetworkId: 'ml' })
    await expect(api.endpoint.connected(address)).rejects.toThrow('not of network "ml"')
  })

  it('refuses a second live instance of the same name, naming the first', async () => {
    const { transport, ml, address } = await pair()
    await ml.endpoint.connected(address)
    const twin = peer('ml', { transport })
    twin.endpoint.dial(address, { token: 'data_token' })
    await expect(twin.endpoint.connected(address)).rejects.toMatchObject({
      code: 'DUPLICATE_ID',
      message: expect.stringContaining('ml/ml_001 is linked already'),
    })
    expect(ml.endpoint.links()).toMatchObject([{ state: 'up', reconnects: 0 }])
  })

  it('never takes back a start of a peer in whose place another has been, even while that one is away', async () => {
    const { data, ml: first, transport, address, undial } = await pair()
    await first.endpoint.connected(address)
    const channel = first.endpoint.openChannel('data', 'worker', 'In')
    await channel.send('from the first')
    await data.exports.received(1)
    undial()
    await data.event('linkDown')
    const second = peer('ml', { transport })
    const undialSecond = second.endpoint.dial(address, { token: 'data_token' })
    await second.endpoint.connected(address)
    await second.endpoint.openChannel('data', 'worker', 'In').send('from the second')
    await data.exports.received(2)
    const late = channel.send('late')
    late?.then(undefined, () => undefined)
    first.endpoint.dial(address, { token: 'data_token' })
    await expect(first.endpoint.connected(address)).rejects.toMatchObject({ code: 'SUPERSEDED' })
    undialSecond()
    await second.event('linkDown')
    first.endpoint.redial(address)
    await expect(first.endpoint.connected(address)).rejects.toMatchObject({
      code: 'SUPERSEDED',
      message: expect.stringContaining('a newer start of ml/ml_001') as string,
    })
    // The session of the second waited, and goes on.
    second.endpoint.dial(address, { token: 'data_token' })
    await second.endpoint.connected(address)
    expect(data.events.findLast(({ type }) => type === 'linkUp')).toMatchObject({ resumed: true })
    expect(data.exports.taken).toEqual(['from the first', 'from the second'])
  })

  it.each([
    ['plant/north', '1'],
    ['plant', 'north/1'],
    ['plant', ''],
  ])('does not begin under the name "%s" and "%s", which no peer would take', (networkId, instanceId) => {
    const identity = { networkId, instanceId, epoch: 'e' }
    expect(() => peer('plant', { transport: makeTransport(), identity })).toThrow(
      expect.objectContaining({ code: 'USAGE', message: expect.stringContaining('without "/"') }),
    )
  })

  it('does not link to itself', async () => {
    const { data, address } = await pair()
    data.endpoint.dial(address, { token: 'data_token' })
    await expect(data.endpoint.connected(address)).rejects.toMatchObject({
      code: 'DUPLICATE_ID',
      message: expect.stringContaining('itself'),
    })
  })

  it('keeps one link when both dial each other', async () => {
    const transport = makeTransport()
    const data = peer('data', { transport })
    const ml = peer('ml', { transport })
    const [atData, atMl] = await Promise.all([data.endpoint.start(), ml.endpoint.start()])
    ml.endpoint.dial(`127.0.0.1:${atData.port}`, { token: 'data_token' })
    data.endpoint.dial(`127.0.0.1:${atMl.port}`, { token: 'ml_token' })
    await Promise.all([
      ml.endpoint.connected(`127.0.0.1:${atData.port}`),
      data.endpoint.connected(`127.0.0.1:${atMl.port}`),
    ])
    const channel = ml.endpoint.openChannel('data', 'worker', 'In')
    for (const number of numbers(2000)) await channel.send(number)
    await data.exports.received(2000)
    expect(data.exports.taken).toEqual(numbers(2000))
    expect(data.endpoint.links()).toMatchObject([{ peer: 'ml/ml_001', state: 'up', lost: 0 }])
    expect(ml.endpoint.links()).toMatchObject([{ peer: 'data/data_001', state: 'up', lost: 0 }])
  })

  it('tells the peer when it stops, and counts what never arrived', async () => {
    const { data, ml, address } = await pair()
    await ml.endpoint.connected(address)
    await data.endpoint.stop()
    expect(await ml.event('linkDown')).toMatchObject({
      reason: expect.stringContaining('the peer stopped'),
      resumable: false,
    })
    expect(data.endpoint.links()).toMatchObject([{ state: 'closed' }])
  })

  it('brings what was accepted just before its sender stops', async () => {
    const { data, ml } = await pair()
    const channel = ml.endpoint.openChannel('data', 'worker', 'In')
    await channel.send(0)
    await data.exports.received(1)
    for (const number of numbers(6).slice(1)) expect(channel.send(number)).toBeUndefined()
    await ml.endpoint.stop()
    await data.event('linkDown')
    expect(data.exports.taken).toEqual(numbers(6))
    expect(data.endpoint.links()).toMatchObject([{ received: 6, lost: 0 }])
  })

  it('gives what was accepted time to arrive when it stops', async () => {
    const { data, ml } = await pair()
    const channel = ml.endpoint.openChannel('data', 'worker', 'In')
    await channel.send(0)
    for (const number of numbers(1000).slice(1)) await channel.send(number)
    await ml.endpoint.stop({ drainMs: 5000 })
    expect(ml.endpoint.links()).toMatchObject([{ sent: 1000, lost: 0 }])
    await data.exports.received(1000)
  })

  it('gives what an accepted link has yet to bring time to arrive, too', async () => {
    const { data, ml } = await pair()
    const channel = data.endpoint.openChannel('ml', 'worker', 'In')
    let release = () => {}
    ml.exports.take = (value) => (value === 0 ? new Promise((taken) => (release = taken)) : undefined)
    for (const number of numbers(1000)) await channel.send(number)
    const stopped = data.endpoint.stop({ drainMs: 5000 })
    await ml.exports.received(1)
    release()
    await stopped
    await ml.exports.received(1000)
    expect(data.endpoint.links()).toMatchObject([{ sent: 1000, lost: 0 }])
  })

  it('counts what its sinks had not taken when it stops, and closes them', async () => {
    const { data, ml } = await pair()
    data.exports.take = () => new Promise(() => {})
    const channel = ml.endpoint.openChannel('data', 'worker', 'In')
    for (const number of numbers(100)) await channel.send(number)
    await ml.endpoint.ping('data')
    await data.endpoint.stop()
    expect(await data.event('messagesLost')).toMatchObject({ direction: 'in', count: 100, from: 1, to: 100 })
    expect(data.exports.closed).toHaveLength(1)
  })

  it('links again with a peer that was started anew, and opens everything again', async () => {
    const { transport, data, ml, port, address } = await pair()
    const channel = ml.endpoint.openChannel('data', 'worker', 'In')
    ml.endpoint.subscribe('data', 'worker', 'Out', { deliver: () => undefined })
    await channel.send('to the first')
    await data.exports.received(1)
    await data.endpoint.stop()
    await ml.event('linkDown')
    const again = peer('data', { transport, bindPort: port })
    await again.endpoint.start()
    await channel.send('to the second')
    await again.exports.received(1)
    await again.exports.subscribed(1)
    expect(again.exports.taken).toEqual(['to the second'])
    expect(ml.endpoint.links()).toMatchObject([{ address, state: 'up', reconnects: 1, sent: 2, lost: 0 }])
  })

  it('stops twice without harm, and dials no more', async () => {
    const { ml, address } = await pair()
    await ml.endpoint.connected(address)
    await Promise.all([ml.endpoint.stop(), ml.endpoint.stop()])
    expect(() => ml.endpoint.dial(address)).toThrow('is stopping')
  })

  it('ends a link that is no longer dialled', async () => {
    const { data, ml, address, undial } = await pair()
    await ml.endpoint.connected(address)
    const late = ml.endpoint.connected(address)
    undial()
    undial()
    await late
    await data.event('linkDown')
    await expect(ml.endpoint.connected(address)).rejects.toMatchObject({ code: 'PEER_UNKNOWN' })
  })

  it('names the port that is in use', async () => {
    const { transport, port } = await pair()
    const second = peer('second', { transport, bindPort: port })
    await expect(second.endpoint.start()).rejects.toMatchObject({
      code: 'PORT_IN_USE',
      message: expect.stringContaining(String(port)),
    })
  })

  it.each([
    [{ open: true }, 'there is no token'],
    [{}, 'not encrypted'],
  ])('does not listen to other machines without protection: %o', async (options, reason) => {
    const open = peer('open', { transport: makeTransport(), bindAddress: '0.0.0.0', ...options })
    await expect(open.endpoint.start()).rejects.toMatchObject({
      code: 'BIND_REFUSED',
      message: expect.stringContaining(reason),
    })
  })

  it('goes on when a listener of events throws', async () => {
    const { ml, data, address } = await pair()
    ml.endpoint.subscribeEvents(() => {
      throw new Error('listener')
    })
    await ml.endpoint.connected(address)
    const channel = ml.endpoint.openChannel('data', 'worker', 'In')
    await channel.send(1)
    await data.exports.received(1)
    expect(ml.logs.map(({ text }) => text).join('\n')).toContain('a listener of link events failed: listener')
  })

  it('goes on when a sink throws or rejects', async () => {
    const { ml, data } = await pair()
    data.exports.take = (value) => {
      if (value === 'throws') throw new Error('broken sink')
      return value === 'rejects' ? Promise.reject(new Error('broken sink')) : undefined
    }
    const channel = ml.endpoint.openChannel('data', 'worker', 'In')
    for (const value of ['throws', 'rejects', 'fine']) await channel.send(value)
    await data.exports.received(2)
    expect(data.exports.taken).toEqual(['rejects', 'fine'])
    expect(data.logs.map(({ text }) => text).join('\n')).toContain('broken sink')
  })
}
