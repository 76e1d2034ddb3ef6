import { describe, expect, it } from 'vitest'
import { createDisturbedTransport, createMemoryNetwork } from '../../src/peer/index.ts'
import { nodePlatform } from '../../src/lab/node-platform.ts'
import { VirtualWorld } from '../peer/virtual-world.ts'
import { End, transportContract } from './transport.ts'

describe('a transport that nobody disturbs', () => {
  transportContract(() => createDisturbedTransport(createMemoryNetwork().transport, nodePlatform).transport)
})

describe('a disturbed transport', () => {
  const joined = async () => {
    const world = new VirtualWorld(7, 0)
    const { transport, disturb } = createDisturbedTransport(world.network.transport, world.platform)
    const accepted: End[] = []
    const listener = await transport.listen(
      { host: '127.0.0.1', port: 0, hostNames: [], maxPacketBytes: 1024 },
      {
        admit: () => ({ admitted: true }),
        accept: (connection) => accepted.push(new End(connection)),
        request: () => ({ status: 404, body: {} }),
        noise: () => {},
      },
    )
    const address = `127.0.0.1:${listener.port}`
    const dial = () =>
      transport.dial(
        { host: '127.0.0.1', port: listener.port },
        { maxPacketBytes: 1024, signal: new AbortController().signal },
      )
    const near = new End(await dial())
    await world.advance(1)
    const [far] = accepted
    if (!far) throw new Error('nobody came')
    return { world, disturb: disturb.bind(undefined, address), dial, near, far }
  }
  const names = (count: number) => Array.from({ length: count }, (_, number) => String(number))

  it('brings everything later and in order, and whatever its buffer is used for since', async () => {
    const { world, disturb, near, far } = await joined()
    disturb({ delayMs: 100, jitterMs: 50, isCut: false })
    const buffer = Buffer.alloc(1)
    for (const name of names(9)) {
      buffer.write(name)
      near.connection.send(buffer)
    }
    await world.advance(99)
    expect(far.received).toEqual([])
    disturb(undefined)
    near.connection.send(Buffer.from('9'))
    await world.advance(60)
    expect(far.received).toEqual(names(10))
  })

  it('ends what is open and refuses what comes while it is cut', async () => {
    const { world, disturb, dial, near } = await joined()
    disturb({ delayMs: 0, jitterMs: 0, isCut: true })
    await world.advance(10)
    expect(near.closedWith?.code).toBe(1006)
    await expect(dial()).rejects.toMatchObject({ code: 'PEER_UNREACHABLE' })
    disturb(undefined)
    await expect(dial()).resolves.toBeDefined()
  })
})
