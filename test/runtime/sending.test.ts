import { describe, expect, it } from 'vitest'
import { defineActor, type Sent } from '../../src/runtime/index.ts'
import { collector, end, latch, makeNetwork, relay } from './rig.ts'

/** A source that hands its emitting function to the test. */
function handSource(capacity = 2) {
  const hands: { send(value: unknown): Sent }[] = []
  const actor = defineActor({
    name: 'HandSource',
    outports: { Out: { capacity } },
    start({ out }) {
      hands.push(out.Out)
    },
  })
  return { actor, send: (value: unknown): Sent => hands.at(-1)?.send(value) }
}

/** Takes messages only while it is open. */
function valve() {
  const gate = latch()
  const seen: unknown[] = []
  const actor = defineActor({
    name: 'Valve',
    inports: { In: {} },
    async run({ inputs }) {
      await gate.opened
      seen.push(inputs.In)
    },
  })
  return { actor, seen, open: () => gate.open() }
}

/** A source, a wire for two messages and a closed valve: one message is in the valve once it has run. */
async function blockedPipe(outboxCapacity = 2) {
  const rig = makeNetwork()
  const source = handSource(outboxCapacity)
  const sink = valve()
  rig.network.addNode('source', source.actor)
  rig.network.addNode('sink', sink.actor)
  rig.network.addWire(end('source.Out'), end('sink.In'), { capacity: 2 })
  await rig.start()
  return { ...rig, source, sink }
}

describe('sending from a node', () => {
  it('gives nothing while wire and outbox have room, then something to await', async () => {
    const { source, settle, node } = await blockedPipe()
    expect(source.send(0)).toBeUndefined()
    await settle() // 0 is in process now
    expect([1, 2, 3, 4].map((value) => source.send(value))).toEqual([undefined, undefined, undefined, undefined])
    expect(source.send(5)).toBeDefined()
    expect(node('source')).toMatchObject({ state: 'blocked', outbox: 3, sent: 5 })
    expect(node('sink')).toMatchObject({ queued: 2, state: 'running' })
  })

  it('counts the bytes that wait, not only the messages', async () => {
    const { source, sink, settle, stop } = await blockedPipe(1_000)
    source.send(0)
    await settle()
    const mebibyte = () => new Uint8Array(2 ** 20)
    const taken: Sent[] = []
    while (taken.at(-1) === undefined && taken.length < 100) taken.push(source.send(mebibyte()))
    // Two on the wire, 8 MiB in the outbox, and one that is awaited.
    expect(taken.length).toBe(2 + 8 + 1)
    const last = Promise.resolve(taken.at(-1)).then(() => 'in')
    sink.open()
    await settle()
    expect(await last).toBe('in')
    // What has left the outbox no longer counts.
    for (let round = 0; round < 20; round++) {
      expect(source.send(mebibyte())).toBeUndefined()
      await settle()
    }
    await stop()
    expect(sink.seen).toHaveLength(1 + 11 + 20)
  })

  it('resolves an awaited send once its message has found room, in order', async () => {
    const { source, sink, settle, stop } = await blockedPipe()
    const order: string[] = []
    const run = async () => {
      for (let value = 0; value < 8; value++) {
        await source.send(value)
        order.push(`sent ${value}`)
      }
    }
    const running = run()
    await settle()
    expect(order).toEqual(['sent 0', 'sent 1', 'sent 2', 'sent 3', 'sent 4'])
    sink.open()
    await settle()
    await running
    await stop()
    expect(sink.seen).toEqual([0, 1, 2, 3, 4, 5, 6, 7])
  })

  it('throws OUTBOX_FULL at the second send that nobody awaits, and loses neither the first nor those before', async () => {
    const { source, sink, settle } = await blockedPipe()
    source.send(0)
    await settle()
    for (const value of [1, 2, 3, 4, 5]) source.send(value)
    expect(() => source.send(6)).toThrow(
      expect.objectContaining({ code: 'OUTBOX_FULL', message: expect.stringContaining('"source"') }),
    )
    sink.open()
    await settle()
    expect(sink.seen).toEqual([0, 1, 2, 3, 4, 5])
    expect(source.send(7)).toBeUndefined()
  })

  it('throws OUTBOX_FULL also at sends that are awaited by the thousand at once, and keeps those that wait', async () => {
    const { source, sink, settle, node } = await blockedPipe()
    let sent = 0
    const done: number[] = []
    const sendAll = () => {
      for (; ; sent++) source.send(sent)?.then(() => done.push(sent))
    }
    expect(sendAll).toThrow(
      expect.objectContaining({
        code: 'OUTBOX_FULL',
        message: expect.stringMatching(/1024 sends wait .*await one/) as string,
      }),
    )
    // Two on the wire and two in the outbox, as many as may wait, and none beyond.
    expect([sent, node('source').outbox]).toEqual([2 + 2 + 1_024, 2 + 1_024])
    sink.open()
    await settle()
    expect(sink.seen).toEqual(Array.from({ length: sent }, (_, value) => value))
    expect(done).toHaveLength(1_024)
  })

  it('lets several loops of one node wait, each for its own message', async () => {
    const { source, sink, settle } = await blockedPipe(1)
    const loop = async (name: string, index: number) => {
      for (let step = 0; step < index * 5; step++) await Promise.resolve()
      for (let round = 0; round < 5; round++) await source.send(`${name}${round}`)
    }
    const loops = Promise.all(['a', 'b', 'c'].map(loop))
    await settle()
    sink.open()
    await settle()
    await loops
    expect(sink.seen).toHaveLength(15)
    for (const name of ['a', 'b', 'c'])
      expect(sink.seen.filter((value) => String(value).startsWith(name))).toEqual(
        [0, 1, 2, 3, 4].map((round) => `${name}${round}`),
      )
  })

  it('keeps the order of a port when another one has no room', async () => {
    const { network, start, settle } = makeNetwork()
    const hands: ((outputs: Record<string, unknown>) => Sent)[] = []
    const source = defineActor({
      name: 'TwoPorts',
      outports: { A: { capacity: 1 }, B: { capacity: 1 } },
      start({ send }) {
        hands.push(send)
      },
    })
    const a = valve()
    const b = valve()
    network.addNode('source', source)
    network.addNode('a', a.actor)
    network.addNode('b', b.actor)
    network.addWire(end('source.A'), end('a.In'), { capacity: 1 })
    network.addWire(end('source.B'), end('b.In'), { capacity: 1 })
    await start()
    const send = (outputs: Record<string, unknown>) => hands[0]?.(outputs)
    for (let round = 0; round < 3; round++) {
      send({ A: round, B: round })
      await settle()
    }
    const waiting = [Promise.resolve(send({ A: 3 }))]
    await settle()
    waiting.push(Promise.resolve(send({ B: 3 })))
    await settle()
    b.open()
    await settle()
    waiting.push(Promise.resolve(send({ B: 4 })))
    await settle()
    a.open()
    await Promise.all([...waiting, settle()])
    await settle()
    expect(a.seen).toEqual([0, 1, 2, 3])
    expect(b.seen).toEqual([0, 1, 2, 3, 4])
  })

  it('keeps what a behaviour returns behind what it has sent', async () => {
    const { network, start, settle, node } = makeNetwork()
    const { actor, seen, open } = valve()
    const burst = defineActor({
      name: 'Burst',
      inports: { In: {} },
      outports: { Out: { capacity: 1 } },
      run({ out }) {
        for (const part of ['a', 'b', 'c']) out.Out.send(part)
        return { Out: 'd' }
      },
    })
    network.addNode('burst', burst)
    network.addNode('sink', actor)
    network.addWire(end('burst.Out'), end('sink.In'), { capacity: 1 })
    network.send('burst', 'In', 1)
    await start()
    await settle()
    expect(node('burst')).toMatchObject({ errors: 0, outbox: 2 })
    open()
    await settle()
    expect(seen).toEqual(['a', 'b', 'c', 'd'])
  })

  it('emits from all ports of an object or, when a name is wrong, from none', async () => {
    const { network, settle, start } = makeNetwork()
    const { actor, seen } = collector()
    const failures: unknown[] = []
    const source = defineActor({
      name: 'Source',
      outports: { Out: {} },
      start({ send }) {
        try {
          send({ Out: 1, Nowhere: 2 } as { Out: number })
        } catch (error) {
          failures.push(error)
        }
        send({ Out: 3 })
      },
    })
    network.addNode('source', source)
    network.addNode('sink', actor)
    network.addWire(end('source.Out'), end('sink.In'))
    await start()
    await settle()
    expect(failures).toEqual([
      expect.objectContaining({ code: 'PORT_UNKNOWN', message: expect.stringContaining('"Nowhere"') }),
    ])
    expect(seen).toEqual([3])
  })

  it('takes undefined for a message where the kind of the port allows it, and for nothing elsewhere', async () => {
    const { network, settle, start } = makeNetwork()
    const { actor, seen } = collector()
    const source = defineActor({
      name: 'Source',
      inports: { Go: {} },
      outports: { Done: { kind: 'flow' }, Any: {}, Text: { kind: 'string' } },
      run: () => ({ Done: undefined, Any: undefined, Text: undefined }) as never,
    })
    network.addNode('source', source)
    for (const port of ['Done', 'Any', 'Text']) {
      network.addNode(port, actor)
      network.addWire({ node: 'source', port }, { node: port, port: 'In' })
    }
    network.send('source', 'Go', 1)
    await start()
    await settle()
    expect(seen).toEqual([undefined, undefined])
    expect(network.snapshot().nodes.map(({ id, received }) => [id, received])).toEqual([
      ['source', 1],
      ['Done', 1],
      ['Any', 1],
      ['Text', 0],
    ])
  })

  it('lets a loop that sends to nobody leave the loop of its host alone', async () => {
    const { network, platform, stop } = makeNetwork()
    let sent = 0
    const spinner = defineActor({
      name: 'Spinner',
      outports: { Out: {} },
      async start({ send, signal }) {
        while (!signal.aborted) {
          await send({ Out: sent })
          sent++
        }
      },
    })
    network.addNode('spinner', spinner)
    void network.start()
    // Each time it is this loop's turn, the spinner has left it alone.
    const hasSentMany = () => sent > 1_000
    for (; !hasSentMany(); platform.turn()) await new Promise((resolve) => setImmediate(resolve))
    const stopped = await Promise.race([stop({ drainMs: 10 }), new Promise((resolve) => setTimeout(resolve, 5_000))])
    expect(stopped).toEqual({ left: 0 })
  })

  it('parks a loop that goes on sending after the stop, and keeps what it sent as a dead letter', async () => {
    const { source, sink, settle, stop, network } = await blockedPipe()
    sink.open()
    await settle()
    await stop()
    let ended = false
    const deaf = async () => {
      await source.send('late')
      ended = true
    }
    void deaf()
    await settle()
    expect(ended).toBe(false)
    expect(network.deadLetters()).toMatchObject([
      {
        code: 'NETWORK_STATE',
        node: 'sink',
        port: 'In',
        source: 'source.Out',
        preview: '{"type":"String","data":"late"}',
      },
    ])
  })
})

describe('sending from outside', () => {
  it('queues before the start and delivers after it', async () => {
    const { network, start, settle } = makeNetwork()
    const { actor, seen } = collector()
    network.addNode('sink', actor)
    network.send('sink', 'In', 1)
    network.send('sink', 'In', 2)
    await start()
    await settle()
    expect(seen).toEqual([1, 2])
  })

  it('makes the sender wait when the inport is full', async () => {
    const { network, start, settle } = makeNetwork()
    const { actor, seen } = collector()
    const narrow = { ...relay, inports: { In: { capacity: 2 } } }
    network.addNode('relay', narrow)
    network.addNode('sink', actor)
    network.addWire(end('relay.Out'), end('sink.In'))
    const sent: Sent[] = []
    while (sent.at(-1) === undefined && sent.length < 10) sent.push(network.send('relay', 'In', sent.length))
    expect(sent).toHaveLength(4)
    const waiting = Promise.resolve(sent.at(-1)).then(() => 'in')
    await Promise.resolve()
    expect(() => network.send('relay', 'In', 99)).not.toThrow() // the one before is awaited
    expect(() => network.send('relay', 'In', 100)).toThrow(expect.objectContaining({ code: 'OUTBOX_FULL' }))
    await start()
    await settle()
    expect(await waiting).toBe('in')
    expect(seen).toEqual([0, 1, 2, 3, 99])
  })

  it('refuses unknown nodes, unknown ports and kinds that cannot fit', () => {
    const { network } = makeNetwork()
    network.addNode(
      'n',
      defineActor({
        name: 'N',
        inports: { Num: { kind: 'float' }, Ev: { kind: 'event' }, Bytes: { kind: 'encoded' } },
        run() {},
      }),
    )
    expect(() => network.send('m', 'Num', 1)).toThrow(expect.objectContaining({ code: 'NODE_UNKNOWN' }))
    expect(() => network.send('n', 'Nim', 1)).toThrow(
      expect.objectContaining({ code: 'PORT_UNKNOWN', message: expect.stringContaining('Num') }),
    )
    expect(() => network.send('n', 'Num', 'one')).toThrow(expect.objectContaining({ code: 'KIND_MISMATCH' }))
    expect(() => network.send('n', 'Bytes', [1])).toThrow(expect.objectContaining({ code: 'KIND_MISMATCH' }))
    expect(() => network.send('n', 'Bytes', { a: 1 }, { kind: 'event' })).toThrow(
      expect.objectContaining({ code: 'KIND_MISMATCH', message: expect.stringContaining('this one is event') }),
    )
    network.send('n', 'Num', 1)
    network.send('n', 'Num', 1.5)
    network.send('n', 'Ev', { at: 1 })
    network.send('n', 'Bytes', new Uint8Array(1))
    expect(network.snapshot().nodes[0]).toMatchObject({ queued: 4 })
  })

  it('tells a sender that waits in vain when the network stops', async () => {
    const { network, start, stop, settle } = makeNetwork()
    const { actor } = collector()
    const stuck = defineActor({
      name: 'Stuck',
      inports: { In: { capacity: 1 } },
      run: () => new Promise<void>(() => {}),
    })
    network.addNode('sink', actor)
    network.addNode('stuck', stuck)
    await start()
    network.send('stuck', 'In', 'in process')
    await settle()
    network.send('stuck', 'In', 'on the wire')
    network.send('stuck', 'In', 'in the outbox')
    const outcome = Promise.resolve(network.send('stuck', 'In', 'waits')).catch((error: unknown) => error)
    await settle()
    network.send('stuck', 'In', 'waits, and nobody asks')
    const { left } = await stop({ drainMs: 100 })
    expect(await outcome).toMatchObject({ code: 'NETWORK_STATE' })
    expect(left).toBe(3)
    const letters = network.deadLetters().map(({ code, preview }) => [code, preview])
    expect(letters).toEqual([
      ['NETWORK_STATE', '{"type":"String","data":"in process"}'],
      ['NETWORK_STATE', '{"type":"String","data":"waits, and nobody asks"}'],
    ])
  })
})
