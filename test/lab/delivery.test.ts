import { afterEach, describe, expect, it } from 'vitest'
import { DistributedNetwork } from '../../src/lab/index.ts'
import { defineActor } from '../../src/runtime/index.ts'

const networks: DistributedNetwork[] = []
afterEach(async () => {
  await Promise.all(networks.splice(0).map((network) => network.shutdown({ drainMs: 0 })))
})

function create(networkId: string): DistributedNetwork {
  const network = new DistributedNetwork({ networkId, instanceId: '1', authToken: 'token' })
  networks.push(network)
  return network
}

/** Waits until something that other threads of work bring about is true. */
async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await new Promise(setImmediate)
}

/** Passes on what it gets. */
const relay = defineActor({
  name: 'Relay',
  inports: { Input: {} },
  outports: { Output: {} },
  run: ({ inputs }) => ({ Output: inputs.Input }),
})

/** Keeps what it gets; `gate` holds it up. */
const keeper = (received: unknown[], gate: { held: Promise<void> }) =>
  defineActor({
    name: 'Keeper',
    inports: { Input: { capacity: 1 } },
    async run({ inputs }) {
      await gate.held
      received.push(inputs.Input)
    },
  })

/** A network with a keeper, and one that is linked to it and wires a relay to it. */
async function relayToKeeper(delivery?: 'at-most-once' | 'latest') {
  const received: unknown[] = []
  let release: () => void = () => undefined
  const gate = { held: Promise.resolve() }
  const hold = () => (gate.held = new Promise((resolve) => (release = resolve)))
  const there = create('there')
  there.registerLocalActor('keeper', keeper(received, gate), {}, { exported: true })
  await there.start()
  const here = create('here')
  here.registerLocalActor('relay', relay)
  await here.start()
  await here.connectToNetwork(there.address ?? '', { token: 'token' })
  const remote = await here.registerRemoteActor('keeper', 'there')
  const wire = here.connect(
    { node: 'relay', port: 'Output' },
    { node: remote, port: 'Input' },
    { ...(delivery && { delivery }) },
  )
  const send = (value: unknown) => here.local.send('relay', 'Input', value)
  return { there, here, wire, received, send, hold, release: () => release() }
}

const deliveries = (network: DistributedNetwork) =>
  network.links().flatMap(({ channels }) => channels.map(({ delivery }) => delivery))

describe('a wire that crosses a link', () => {
  it('keeps only the newest message of those that the other side is too slow for, if it says so', async () => {
    const { there, here, received, send, hold, release } = await relayToKeeper('latest')
    await send(0)
    await until(() => received.length === 1)
    expect([...deliveries(here), ...deliveries(there)]).toEqual(['latest', 'latest'])
    hold()
    for (let value = 1; value <= 500; value++) await send(value)
    release()
    await until(() => received.at(-1) === 500)
    expect(received.length).toBeLessThan(100)
    expect(received).toEqual([...received].sort((one, other) => Number(one) - Number(other)))
  })

  it('changes what it promises while it runs, in order and without a loss', async () => {
    const { here, wire, received, send } = await relayToKeeper()
    for (let value = 0; value < 100; value++) await send(value)
    here.configureWire(wire, { delivery: 'at-most-once' })
    for (let value = 100; value < 200; value++) await send(value)
    await until(() => received.length === 200)
    await send(200)
    await until(() => received.length === 201)
    expect(received).toEqual(Array.from({ length: 201 }, (_, index) => index))
    expect(deliveries(here)).toContain('at-most-once')
    expect(here.links()).toMatchObject([{ lost: 0, duplicated: 0 }])
  })

  it('promises what most of the wires to the same port ask for', async () => {
    const { here, send, received } = await relayToKeeper('latest')
    here.registerLocalActor('second', relay)
    here.connect({ node: 'second', port: 'Output' }, { node: 'keeper@there', port: 'Input' })
    await send('a')
    await until(() => received.length === 1)
    expect(deliveries(here)).toEqual([undefined])
  })

  it('takes what a peer emits as a wire out of its remote node asks for', async () => {
    const { there, here } = await relayToKeeper()
    there.registerLocalActor('source', relay, {}, { exported: true })
    const received: unknown[] = []
    here.registerLocalActor('sink', keeper(received, { held: Promise.resolve() }))
    const source = await here.registerRemoteActor('source', 'there')
    const wire = here.connect({ node: source, port: 'Output' }, { node: 'sink', port: 'Input' }, { delivery: 'latest' })
    const ofSource = () => there.links()[0]?.channels.find(({ node }) => node === 'source')?.delivery
    await until(() => ofSource() === 'latest')
    here.configureWire(wire, { delivery: 'at-most-once' })
    await until(() => ofSource() === 'at-most-once')
    await there.local.send('source', 'Input', 'after')
    await until(() => received.length === 1)
  })
})

describe('an instance that stops while a peer sends', () => {
  it('takes all that was sent, and leaves the rest with the sender', async () => {
    const { there, here, received, send } = await relayToKeeper()
    const ending = new AbortController()
    let sent = 0
    const sending = (async () => {
      for (; !ending.signal.aborted; sent++) await send(sent)
    })().catch(() => undefined)
    await until(() => received.length > 300)
    expect(await there.shutdown({ drainMs: 10_000 })).toEqual({ left: 0 })
    ending.abort()
    const [link] = here.links()
    expect(link).toMatchObject({ lost: 0, duplicated: 0 })
    expect(received).toEqual(Array.from({ length: link?.sent ?? -1 }, (_, index) => index))
    expect(there.local.snapshot().deadLetters).toBe(0)
    await here.shutdown({ drainMs: 0 })
    await sending
  })
})
