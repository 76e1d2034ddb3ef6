import { afterEach, expect, it } from 'vitest'
import type { Connection, Listener, ListenerHandlers, Transport } from '../../src/peer/index.ts'

const maxPacketBytes = 1024 * 1024

/** One end of a connection, with what it has reported. */
export class End {
  readonly connection: Connection
  readonly received: string[] = []
  closedWith: { code: number; reason: string } | undefined
  drains = 0
  #waiting: { met: () => boolean; done: () => void }[] = []

  constructor(connection: Connection) {
    this.connection = connection
    connection.start({
      message: (bytes) => this.#changed(() => this.received.push(Buffer.from(bytes).toString())),
      drained: () => this.#changed(() => this.drains++),
      closed: (code, reason) => this.#changed(() => (this.closedWith = { code, reason })),
    })
    connection.trust()
  }

  until(met: (end: this) => boolean): Promise<void> {
    if (met(this)) return Promise.resolve()
    return new Promise((done) => void this.#waiting.push({ met: () => met(this), done }))
  }

  #changed(change: () => unknown): void {
    change()
    this.#waiting = this.#waiting.filter(({ met, done }) => {
      if (!met()) return true
      done()
      return false
    })
  }
}

/** What every transport keeps. */
export function transportContract(makeTransport: () => Transport): void {
  const listeners: Listener[] = []
  const ends: End[] = []

  const listen = async (transport: Transport, handlers: Partial<ListenerHandlers> = {}, port = 0) => {
    const accepted: Connection[] = []
    let arrived = () => {}
    const first = new Promise<void>((done) => (arrived = done))
    const listener = await transport.listen(
      { host: '127.0.0.1', port, hostNames: [], maxPacketBytes },
      {
        admit: () => ({ admitted: true }),
        accept: (connection) => {
          accepted.push(connection)
          arrived()
        },
        request: () => ({ status: 404, body: {} }),
        noise: () => {},
        ...handlers,
      },
    )
    listeners.push(listener)
    return { listener, accepted, first }
  }

  const dial = (transport: Transport, port: number) =>
    transport.dial({ host: '127.0.0.1', port }, { maxPacketBytes, signal: new AbortController().signal })

  const joined = async () => {
    const transport = makeTransport()
    const { listener, accepted, first } = await listen(transport)
    const near = new End(await dial(transport, listener.port))
    await first
    const [connection] = accepted
    if (!connection) throw new Error('nobody came')
    const far = new End(connection)
    ends.push(near, far)
    return { near, far }
  }

  afterEach(async () => {
    for (const end of ends.splice(0)) end.connection.terminate()
    await Promise.all(listeners.splice(0).map((listener) => listener.stop()))
  })

  it('brings packets in order, both ways, each as a whole', async () => {
    const { near, far } = await joined()
    for (let number = 0; number < 100; number++) {
      near.connection.send(Buffer.from(`near ${number}`))
      far.connection.send(Buffer.from(`far ${number}`))
    }
    await Promise.all([near, far].map((end) => end.until(({ received }) => received.length === 100)))
    expect(far.received).toEqual(Array.from({ length: 100 }, (_, number) => `near ${number}`))
    expect(near.received).toEqual(Array.from({ length: 100 }, (_, number) => `far ${number}`))
  })

  it('brings packets of any length, whichever way they are written', async () => {
    const { near, far } = await joined()
    const texts = [1, 125, 126, 127, 4_095, 4_096, 65_535, 65_536].map((length) => String(length).padEnd(length, '.'))
    for (const text of texts) {
      near.connection.send(Buffer.from(text))
      far.connection.send(Buffer.from(text))
    }
    await Promise.all([near, far].map((end) => end.until(({ received }) => received.length === texts.length)))
    expect(far.received).toEqual(texts)
    expect(near.received).toEqual(texts)
  })

  it('keeps what arrives before anyone listens', async () => {
    const transport = makeTransport()
    const { listener, accepted, first } = await listen(transport)
    const near = new End(await dial(transport, listener.port))
    near.connection.send(Buffer.from('early'))
    await first
    near.connection.close(1000, 'done')
    await near.until(({ closedWith }) => closedWith !== undefined)
    const [connection] = accepted
    if (!connection) throw new Error('nobody came')
    const far = new End(connection)
    await far.until(({ closedWith }) => closedWith !== undefined)
    expect(far.received).toEqual(['early'])
  })

  it('takes all that comes behind the message that made it trust the other side, in the same breath', async () => {
    const transport = makeTransport()
    const { listener, accepted, first } = await listen(transport)
    const near = await dial(transport, listener.port)
    await first
    const sizes: number[] = []
    const ended = new Promise<string>((done) => {
      near.start({
        message(bytes) {
          if (sizes.length === 0) near.trust()
          if (sizes.push(bytes.length) === 401) done('all came')
        },
        drained: () => undefined,
        closed: (_code, reason) => done(`ended: ${reason}`),
      })
    })
    for (const connection of accepted) {
      connection.start({ message: () => undefined, drained: () => undefined, closed: () => undefined })
      connection.send(Buffer.from('welcome'))
      for (let packets = 0; packets < 400; packets++) connection.send(Buffer.alloc(1000))
    }
    expect(await ended).toBe('all came')
    near.terminate()
  })

  it.each([
    { size: 256 * 1024, packets: 64 },
    { size: 1024, packets: 8 * 1024 },
  ])('knows how much of $packets packets of $size bytes has not left yet, and says when it has', async (given) => {
    const { near, far } = await joined()
    const packet = Buffer.alloc(given.size, 'x')
    for (let count = 0; count < given.packets; count++) near.connection.send(packet)
    expect(near.connection.bufferedBytes).toBeGreaterThan(1024 * 1024)
    await far.until(({ received }) => received.length === given.packets)
    await near.until(({ drains }) => drains > 0)
    expect(near.connection.bufferedBytes).toBeLessThan(256 * 1024)
  })

  it('tells the other side the code and reason of a goodbye, after what was sent', async () => {
    const { near, far } = await joined()
    near.connection.send(Buffer.from('last words'))
    near.connection.close(4401, 'not you')
    near.connection.close(1000, 'again')
    await far.until(({ closedWith }) => closedWith !== undefined)
    expect(far.received).toEqual(['last words'])
    expect(far.closedWith).toEqual({ code: 4401, reason: 'not you' })
    await near.until(({ closedWith }) => closedWith !== undefined)
  })

  it('ends at once when told, and ignores what is sent afterwards', async () => {
    const { near, far } = await joined()
    near.connection.terminate()
    near.connection.send(Buffer.from('too late'))
    await Promise.all([near, far].map((end) => end.until(({ closedWith }) => closedWith !== undefined)))
    expect(far.closedWith?.code).toBe(1006)
    expect(far.received).toEqual([])
  })

  it('says that nobody listens at an address', async () => {
    const transport = makeTransport()
    const { listener } = await listen(transport)
    await listener.stop()
    await expect(dial(transport, listener.port)).rejects.toMatchObject({ code: 'PEER_UNREACHABLE' })
  })

  it('says that a listener takes no more', async () => {
    const transport = makeTransport()
    const { listener } = await listen(transport, { admit: () => ({ admitted: false, reason: 'full' }) })
    await expect(dial(transport, listener.port)).rejects.toMatchObject({ code: 'LINK_REFUSED' })
  })

  it('refuses a port that is in use, and gives it out again once it is free', async () => {
    const transport = makeTransport()
    const { listener } = await listen(transport)
    await expect(listen(transport, {}, listener.port)).rejects.toMatchObject({
      code: 'PORT_IN_USE',
      message: expect.stringContaining(String(listener.port)),
    })
    await listener.stop()
    expect((await listen(transport, {}, listener.port)).listener.port).toBe(listener.port)
  })

  it('knows that both ends are on this machine', async () => {
    const { near, far } = await joined()
    expect(near.connection.loopback && far.connection.loopback).toBe(true)
    expect(far.connection.remoteAddress).toMatch(/^127\.0\.0\.1:\d+$/)
  })
}
