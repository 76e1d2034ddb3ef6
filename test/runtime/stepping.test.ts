import { describe, expect, it } from 'vitest'
import { defineActor } from '../../src/runtime/index.ts'
import { collector, end, makeNetwork, relay } from './rig.ts'

function chain() {
  const rig = makeNetwork()
  const { actor, seen } = collector()
  let send: (value: unknown) => unknown = () => undefined
  const source = defineActor({
    name: 'Source',
    outports: { Out: {} },
    start: (context) => void (send = (value) => context.out.Out.send(value)),
  })
  rig.network.addNode('source', source)
  rig.network.addNode('relay', relay)
  rig.network.addNode('sink', actor)
  rig.network.addWire(end('source.Out'), end('relay.In'))
  rig.network.addWire(end('relay.Out'), end('sink.In'))
  return { ...rig, seen, send: (value: unknown) => send(value) }
}

describe('a paused node', () => {
  it('takes nothing until it steps or goes on, and loses nothing', async () => {
    const { network, start, settle, send, seen, node } = chain()
    await start()
    network.control.pause('relay')
    for (const value of [1, 2, 3, 4, 5]) send(value)
    await settle()
    expect(node('relay')).toMatchObject({ state: 'paused', queued: 5, received: 0 })
    network.control.step('relay')
    await settle()
    expect(seen).toEqual([1])
    network.control.step('relay', 2)
    await settle()
    expect(seen).toEqual([1, 2, 3])
    network.control.resume('relay')
    await settle()
    expect(seen).toEqual([1, 2, 3, 4, 5])
    expect(() => network.control.pause('nobody')).toThrow(expect.objectContaining({ code: 'NODE_UNKNOWN' }))
  })

  it('that drains processes what is queued, and then what comes waits', async () => {
    const { network, start, settle, send, seen, node } = chain()
    await start()
    network.control.pause('sink')
    for (const value of [1, 2]) send(value)
    await settle()
    const drained = network.control.drainNode('sink')
    await settle()
    expect(await drained).toEqual({ left: 0 })
    send(3)
    await settle()
    expect(seen).toEqual([1, 2])
    expect(node('sink')).toMatchObject({ state: 'paused', queued: 1 })
  })

  it('that is a source makes whoever awaits its sends wait', async () => {
    const { network, start, settle, send, seen } = chain()
    await start()
    network.control.pause('source')
    let isSent = false
    void Promise.resolve(send(1)).then(() => (isSent = true))
    await settle()
    expect([isSent, seen]).toEqual([false, []])
    network.control.step('source')
    await settle()
    expect([isSent, seen]).toEqual([true, [1]])
    network.control.resume('source')
    expect(send(2)).toBeUndefined()
    await settle()
    expect(seen).toEqual([1, 2])
  })
})

describe('a paused network', () => {
  it('steps one message at a time, node by node, and what comes later when it comes', async () => {
    const { network, start, settle, send, seen, node } = chain()
    network.control.pause()
    await start()
    void Promise.resolve(send(1))
    await settle()
    expect(node('source')).toMatchObject({ state: 'paused', outbox: 1 })
    network.control.step()
    await settle()
    expect(node('relay')).toMatchObject({ queued: 1 })
    network.control.step()
    await settle()
    expect(node('sink')).toMatchObject({ queued: 1 })
    network.control.step(undefined, 4)
    await settle()
    expect(seen).toEqual([1])
    void Promise.resolve(send(2))
    await settle()
    expect(seen).toEqual([1, 2])
    network.control.resume()
    send(3)
    await settle()
    expect(seen).toEqual([1, 2, 3])
  })

  it('drains from its sources on, and stands still then', async () => {
    const { network, start, settle, send, seen, node } = chain()
    await start()
    for (const value of [1, 2, 3]) send(value)
    const drained = network.control.drain()
    await settle()
    expect(await drained).toEqual({ left: 0 })
    expect(seen).toEqual([1, 2, 3])
    expect(node('sink').state).toBe('paused')
  })
})

describe('a deadlock', () => {
  /** Makes two messages of each. */
  const double = defineActor({
    name: 'Double',
    inports: { In: {} },
    outports: { Out: { capacity: 1 } },
    run({ inputs, send }) {
      send({ Out: inputs.In })
      return { Out: inputs.In }
    },
  })

  it('of full wires in a ring is named once', async () => {
    const { network, start, settle, events } = makeNetwork()
    network.addNode('a', double)
    network.addNode('b', double)
    network.addWire(end('a.Out'), end('b.In'), { capacity: 2 })
    network.addWire(end('b.Out'), end('a.In'), { capacity: 2 })
    network.send('a', 'In', 1)
    await start()
    await settle()
    const found = events.filter(({ type }) => type === 'deadlock')
    expect(found).toHaveLength(1)
    expect(found[0]).toMatchObject({
      nodes: expect.arrayContaining(['a', 'b']) as string[],
      wires: expect.arrayContaining(['a.Out -> b.In', 'b.Out -> a.In']) as string[],
    })
  })

  it('of a branch that fills while a join waits for the other one is named too', async () => {
    const { network, start, settle, events } = makeNetwork()
    // Every fourth message goes to B as well.
    const fork = defineActor({
      name: 'Fork',
      inports: { In: {} },
      outports: { A: { capacity: 1 }, B: {} },
      run: ({ inputs }) => (Number(inputs.In) % 4 === 0 ? { A: inputs.In, B: inputs.In } : { A: inputs.In }),
    })
    const join = defineActor({ name: 'Join', inports: { A: {}, B: {} }, firing: 'all', run() {} })
    network.addNode('fork', fork)
    network.addNode('join', join)
    network.addWire(end('fork.A'), end('join.A'), { capacity: 1 })
    network.addWire(end('fork.B'), end('join.B'))
    for (let value = 1; value <= 10; value++) network.send('fork', 'In', value)
    await start()
    await settle()
    expect(events.find(({ type }) => type === 'deadlock')).toMatchObject({
      wires: expect.arrayContaining(['fork.A -> join.A', 'fork.B -> join.B']) as string[],
    })
  })

  it('is not what a slow or paused sink is', async () => {
    const { network, start, settle, events } = makeNetwork()
    const slow = defineActor({ name: 'Slow', inports: { In: {} }, run: () => new Promise<void>(() => undefined) })
    network.addNode('a', relay)
    network.addNode('slow', slow)
    network.addWire(end('a.Out'), end('slow.In'), { capacity: 1 })
    for (let value = 0; value < 9; value++) network.send('a', 'In', value)
    await start()
    await settle()
    expect(events.filter(({ type }) => type === 'wireFull')).toHaveLength(1)
    expect(events.filter(({ type }) => type === 'deadlock')).toEqual([])
  })
})

describe('a dead letter', () => {
  it('goes to its node again when it is retried, and is forgotten when it is dropped', async () => {
    const { network, start, settle } = makeNetwork()
    let isPicky = true
    const seen: unknown[] = []
    const picky = defineActor({
      name: 'Picky',
      inports: { In: {} },
      run({ inputs, reject }) {
        if (isPicky) reject('not now')
        else seen.push(inputs.In)
      },
    })
    network.addNode('picky', picky)
    for (const value of [{ a: 1 }, 2]) network.send('picky', 'In', value)
    await start()
    await settle()
    isPicky = false
    network.retryDeadLetter(1)
    network.dropDeadLetter(2)
    await settle()
    expect(seen).toEqual([{ a: 1 }])
    expect(network.deadLetters()).toEqual([])
    expect(network.snapshot().deadLetters).toBe(2)
    expect(() => network.retryDeadLetter(1)).toThrow(expect.objectContaining({ code: 'MESSAGE_GONE' }))
  })
})
