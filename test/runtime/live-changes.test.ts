import * as v from 'valibot'
import { describe, expect, it } from 'vitest'
import { defineActor } from '../../src/runtime/index.ts'
import { collector, end, latch, makeNetwork, relay } from './rig.ts'

describe('changing a running network', () => {
  it('starts an added node at once, and reports it if that fails', async () => {
    const { network, start, settle, node, events } = makeNetwork()
    const { actor, seen } = collector()
    await start()
    const source = defineActor({
      name: 'Source',
      outports: { Out: {} },
      start({ send }) {
        send({ Out: 'lost, for there is no wire yet' })
        setImmediate(() => send({ Out: 'here' }))
      },
    })
    const broken = defineActor({
      name: 'Broken',
      start() {
        throw new Error('no disk')
      },
    })
    network.addNode('sink', actor)
    network.addNode('source', source)
    network.addNode('broken', broken)
    network.addWire(end('source.Out'), end('sink.In'))
    await settle()
    expect(seen).toEqual(['here'])
    expect(node('broken')).toMatchObject({ state: 'failed', lastError: 'no disk' })
    expect(events).toContainEqual(expect.objectContaining({ type: 'nodeFailed', node: 'broken', during: 'start' }))
  })

  it('gives a new wire what is sent from now on, beside the others', async () => {
    const { network, start, settle } = makeNetwork()
    const one = collector()
    const two = collector()
    network.addNode('relay', relay)
    network.addNode('one', one.actor)
    network.addNode('two', two.actor)
    network.addWire(end('relay.Out'), end('one.In'))
    await start()
    network.send('relay', 'In', 1)
    await settle()
    network.addWire(end('relay.Out'), end('two.In'))
    network.send('relay', 'In', 2)
    await settle()
    network.removeWire(end('relay.Out'), end('one.In'))
    network.send('relay', 'In', 3)
    await settle()
    expect(one.seen).toEqual([1, 2])
    expect(two.seen).toEqual([2, 3])
    expect(network.snapshot().wires.map(({ id }) => id)).toEqual(['relay.Out -> two.In'])
  })

  it('makes dead letters of what was on a removed wire, and lets its source go on', async () => {
    const { network, start, settle, node } = makeNetwork()
    const closed = defineActor({ name: 'Closed', inports: { In: {} }, run: () => new Promise<void>(() => {}) })
    const { actor, seen } = collector()
    const source = defineActor({
      name: 'Source',
      outports: { Out: { capacity: 2 } },
      async start({ send }) {
        for (let value = 0; value < 8; value++) await send({ Out: value })
      },
    })
    network.addNode('source', source)
    network.addNode('closed', closed)
    network.addNode('sink', actor)
    network.addWire(end('source.Out'), end('closed.In'), { capacity: 3 })
    network.addWire(end('source.Out'), end('sink.In'))
    await start()
    await settle()
    expect(node('source')).toMatchObject({ state: 'blocked', outbox: 3 })
    expect(seen).toEqual([0, 1, 2, 3, 4, 5])
    network.removeWire(end('source.Out'), end('closed.In'))
    await settle()
    expect(seen).toEqual([0, 1, 2, 3, 4, 5, 6, 7])
    expect(node('source').state).toBe('running')
    expect(network.deadLetters().map(({ code, source: from, preview }) => [code, from, preview])).toEqual(
      [1, 2, 3, 4, 5].map((value) => ['REMOVED', 'source.Out', `{"type":"Integer","data":${value}}`]),
    )
  })

  it('removes a node with its wires; what it had, and what it is working on, becomes dead letters', async () => {
    const { network, start, settle, events } = makeNetwork()
    const history: string[] = []
    const { actor, seen } = collector()
    const task = latch()
    const middle = defineActor({
      name: 'Middle',
      inports: { In: {} },
      outports: { Out: {} },
      start: ({ signal }) => {
        signal.addEventListener('abort', () => history.push('aborted'))
        return () => {
          history.push('stopped')
        }
      },
      async run({ inputs, send }) {
        await task.opened
        send({ Out: `late ${String(inputs.In)}` })
        return { Out: inputs.In }
      },
    })
    network.addNode('relay', relay)
    network.addNode('middle', middle)
    network.addNode('sink', actor)
    network.addWire(end('relay.Out'), end('middle.In'))
    network.addWire(end('middle.Out'), end('sink.In'))
    network.addInitial(end('middle.In'), 'initial')
    await start()
    await settle()
    network.send('relay', 'In', 'queued')
    network.send('middle', 'In', 'from outside')
    await settle()
    await network.removeNode('middle')
    task.open()
    network.send('relay', 'In', 'to nobody')
    await settle()
    expect(history).toEqual(['aborted', 'stopped'])
    expect(seen).toEqual([])
    expect(network.deadLetters().map(({ code, preview }) => [code, preview])).toEqual([
      ['NETWORK_STATE', '{"type":"String","data":"initial"}'],
      ['REMOVED', '{"type":"String","data":"queued"}'],
      ['REMOVED', '{"type":"String","data":"from outside"}'],
      ['NETWORK_STATE', '{"type":"String","data":"late initial"}'],
    ])
    expect(network.snapshot().wires).toEqual([])
    expect(events.map(({ type }) => type)).toContain('nodeRemoved')
    network.addNode('middle', relay)
    network.addWire(end('middle.Out'), end('sink.In'))
    network.send('middle', 'In', 'a new one')
    await settle()
    expect(seen).toEqual(['a new one'])
  })

  it('makes dead letters of results that a removed node had ready but could not emit yet', async () => {
    const { network, start, settle } = makeNetwork()
    const held = latch()
    const seen: unknown[] = []
    const sink = defineActor({
      name: 'Sink',
      inports: { In: { capacity: 1 } },
      async run({ inputs }) {
        await held.opened
        seen.push(inputs.In)
      },
    })
    const worker = defineActor({
      name: 'Worker',
      inports: { In: {} },
      outports: { Out: { capacity: 1 } },
      parallel: 6,
      run: async ({ inputs }) => ({ Out: inputs.In }),
    })
    network.addNode('worker', worker)
    network.addNode('sink', sink)
    network.addWire(end('worker.Out'), end('sink.In'))
    for (let value = 0; value < 12; value++) network.send('worker', 'In', value)
    await start()
    await settle()
    const removed = network.removeNode('worker')
    held.open()
    await settle()
    await removed
    const letters = network.deadLetters().map(({ preview }) => Number(JSON.parse(preview).data))
    const ends = [...seen.map(Number), ...letters]
    expect(ends.toSorted((one, other) => one - other)).toEqual(Array.from({ length: 12 }, (_, index) => index))
  })

  it('makes dead letters of all that a removed source has not got rid of', async () => {
    const { network, start, settle } = makeNetwork()
    const closed = defineActor({ name: 'Closed', inports: { In: {} }, run: () => new Promise<void>(() => {}) })
    const goneOn: string[] = []
    const source = defineActor({
      name: 'Source',
      outports: { Out: { capacity: 1 } },
      async start({ send, signal }) {
        for (let value = 0; value < 4; value++) await send({ Out: value })
        goneOn.push(`aborted: ${signal.aborted}`)
      },
    })
    network.addNode('source', source)
    network.addNode('closed', closed)
    network.addWire(end('source.Out'), end('closed.In'), { capacity: 1 })
    await start()
    await settle()
    await network.removeNode('source')
    expect(goneOn).toEqual(['aborted: true'])
    expect(network.deadLetters().map(({ preview }) => preview)).toEqual(
      [1, 2, 3].map((value) => `{"type":"Integer","data":${value}}`),
    )
  })

  it('lets a behaviour take away its own wire or node in the middle of a batch', async () => {
    const { network, start, settle } = makeNetwork()
    const seen: unknown[] = []
    const suicidal = defineActor({
      name: 'Suicidal',
      inports: { In: {} },
      run({ inputs }) {
        seen.push(inputs.In)
        if (inputs.In === 2) network.removeWire(end('relay.Out'), end('n.In'))
        if (inputs.In === 'b') void network.removeNode('n')
      },
    })
    network.addNode('relay', relay)
    network.addNode('other', relay)
    network.addNode('n', suicidal)
    network.addWire(end('relay.Out'), end('n.In'))
    network.addWire(end('other.Out'), end('n.In'))
    for (const value of [0, 1, 2, 3, 4]) network.send('relay', 'In', value)
    for (const value of ['x', 'y']) network.send('other', 'In', value)
    await start()
    await settle()
    for (const value of ['a', 'b', 'c']) network.send('n', 'In', value)
    await settle()
    expect(seen).toEqual([0, 1, 2, 'x', 'y', 'a', 'b'])
    expect(network.deadLetters().map(({ preview }) => preview)).toEqual([
      '{"type":"Integer","data":3}',
      '{"type":"Integer","data":4}',
      '{"type":"String","data":"c"}',
    ])
  })

  it('gives a node a new config from the next message on, and keeps the old one if the new is wrong', async () => {
    const { network, start, settle, events } = makeNetwork()
    const { actor, seen } = collector()
    const scale = defineActor({
      name: 'Scale',
      inports: { In: { kind: 'float' } },
      outports: { Out: {} },
      config: v.object({ by: v.optional(v.number(), 2) }),
      run: ({ inputs, config }) => ({ Out: (inputs.In ?? 0) * config.by }),
    })
    network.addNode('scale', scale)
    network.addNode('sink', actor)
    network.addWire(end('scale.Out'), end('sink.In'))
    await start()
    network.send('scale', 'In', 1)
    await settle()
    network.setConfig('scale', { by: 10 })
    expect(() => network.setConfig('scale', { by: 'ten' })).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }))
    network.send('scale', 'In', 1)
    await settle()
    expect(seen).toEqual([2, 10])
    expect(events.filter(({ type }) => type === 'configChanged')).toHaveLength(1)
  })

  it('starts the hook of a node again when its config changes, with the state it has', async () => {
    const { network, start, settle, node } = makeNetwork()
    const history: unknown[] = []
    const server = defineActor({
      name: 'Server',
      inports: { In: {} },
      config: v.object({ port: v.number() }),
      state: () => ({ served: 0 }),
      start({ config, state, signal }) {
        if (config.port === 0) throw new Error('no port 0')
        history.push(['listens', config.port, state.served])
        return () => {
          history.push(['closed', config.port, signal.aborted])
        }
      },
      run({ state }) {
        state.served++
      },
    })
    network.addNode('server', server, { metadata: { port: 1 } })
    network.send('server', 'In', 1)
    await start()
    await settle()
    network.setConfig('server', { port: 2 })
    await settle()
    network.setConfig('server', { port: 0 })
    await settle()
    expect(node('server').state).toBe('failed')
    network.send('server', 'In', 'waits')
    network.setConfig('server', { port: 3 })
    network.setConfig('server', { port: 4 })
    await settle()
    expect(history).toEqual([
      ['listens', 1, 0],
      ['closed', 1, true],
      ['listens', 2, 1],
      ['closed', 2, true],
      ['listens', 4, 0],
    ])
    expect(node('server')).toMatchObject({ received: 2, queued: 0 })
  })

  /** A network with one node of which it is known how often it runs; its stop hook waits for the test. */
  function hesitant() {
    const rig = makeNetwork()
    const stopped = latch()
    const runs: string[] = []
    const server = defineActor({
      name: 'Server',
      config: v.object({ port: v.number() }),
      start({ config }) {
        const run = `port ${config.port}`
        runs.push(run)
        return async () => {
          await stopped.opened
          runs.splice(runs.indexOf(run), 1)
        }
      },
    })
    rig.network.addNode('server', server, { metadata: { port: 1 } })
    return { ...rig, stopped, runs }
  }

  it('waits at a stop for the end that a new config has begun', async () => {
    const { network, start, settle, stopped, runs } = hesitant()
    await start()
    network.setConfig('server', { port: 2 })
    const stop = network.stop()
    await settle()
    expect(network.state).toBe('draining')
    stopped.open()
    await settle()
    await stop
    await start()
    expect(runs).toEqual(['port 2'])
  })

  it('runs a node once that was stopped and started while its new config waited', async () => {
    const { network, start, stop, settle, stopped, runs, log } = hesitant()
    await start()
    network.setConfig('server', { port: 2 })
    await settle()
    await stop({ drainMs: 0 })
    expect(log.filter(({ text }) => text.includes('left behind'))).toHaveLength(1)
    await start()
    stopped.open()
    await settle()
    expect(runs).toEqual(['port 2'])
    network.setConfig('server', { port: 3 })
    await settle()
    expect(runs).toEqual(['port 3'])
    await stop()
    expect(runs).toEqual([])
  })
})
