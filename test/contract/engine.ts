import { afterEach, expect, it } from 'vitest'
import { makePeer, type TestPeer } from '../peer/kit.ts'
import type { Transport } from '../../src/peer/index.ts'

/** What every engine keeps, whatever carries its bytes. */
export function engineContract(makeTransport: () => Transport): void {
  const started: TestPeer[] = []

  const pair = async (options: Partial<Parameters<typeof makePeer>[1]> = {}) => {
    const transport = makeTransport()
    const data = makePeer('data', { transport, ...options })
    const ml = makePeer('ml', { transport, ...options })
    started.push(data, ml)
    const { host, port } = await data.endpoint.start()
    await ml.endpoint.start()
    const address = `${host}:${port}`
    const undial = ml.endpoint.dial(address, { token: 'data_token' })
    return { data, ml, address, undial }
  }

  afterEach(async () => {
    await Promise.all(started.splice(0).map(({ endpoint }) => endpoint.stop()))
  })

  it('says who answered at a dialled address', async () => {
    const { ml, address } = await pair()
    expect(await ml.endpoint.connected(address)).toEqual({ networkId: 'data', instanceId: 'data_001' })
    expect(ml.endpoint.links()[0]).toMatchObject({ peer: 'data/data_001', state: 'up', secure: true })
  })

  it('brings messages to an inport in the order they were sent', async () => {
    const { data, ml } = await pair()
    const channel = ml.endpoint.openChannel('data', 'worker', 'In')
    for (let number = 0; number < 5000; number++) await channel.send({ number })
    await data.exports.received(5000)
    expect(data.exports.taken).toEqual(Array.from({ length: 5000 }, (_, number) => ({ number })))
  })
}
