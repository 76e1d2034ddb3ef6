import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it } from 'vitest'
import { defineActor, Network } from '../../src/runtime/index.ts'
import { collector, end, makeNetwork, realPlatform, relay } from './rig.ts'

/** Feeds itself, as fast as it may. */
const wheel = defineActor({
  name: 'Wheel',
  inports: { In: {} },
  outports: { Out: {} },
  run: ({ inputs }) => ({ Out: Number(inputs.In) + 1 }),
})

function spinning(): Network {
  const network = new Network({ platform: realPlatform })
  network.addNode('wheel', wheel)
  network.addWire(end('wheel.Out'), end('wheel.In'))
  for (let lane = 0; lane < 300; lane++) network.send('wheel', 'In', 0)
  return network
}

describe('a loop of messages at full speed', () => {
  it('leaves timers and sockets their turns', async () => {
    const network = spinning()
    const server = createServer((_request, response) => response.end('here'))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    await network.start()
    // A loop that starved them would never let these come; how soon they come is measured by `millrace bench`.
    for (let round = 0; round < 20; round++) await new Promise<void>((resolve) => setTimeout(resolve, 5))
    for (let round = 0; round < 5; round++) {
      const response = await fetch(`http://127.0.0.1:${port}/`)
      expect(await response.text()).toBe('here')
    }
    const { received } = network.snapshot().nodes[0] ?? { received: 0 }
    await network.stop({ drainMs: 0 })
    await new Promise((resolve) => server.close(resolve))
    expect(received).toBeGreaterThan(10_000)
  })

  it('ends at the deadline of a stop, its messages kept', async () => {
    const network = spinning()
    await network.start()
    expect(await network.stop({ drainMs: 50 })).toEqual({ left: 300 })
    expect(network.snapshot().nodes[0]).toMatchObject({ state: 'stopped', queued: 300 })
  })
})

describe('the scheduler', () => {
  it('gives nodes turns, so that a busy one does not shut out the rest', async () => {
    const { network, platform } = makeNetwork()
    const order: string[] = []
    const busy = (id: string) =>
      defineActor({
        name: id,
        inports: { In: {} },
        run() {
          platform.timeMs += 0.1
          if (order.at(-1) !== id) order.push(id)
        },
      })
    for (const id of ['a', 'b']) {
      network.addNode(id, busy(id))
      for (let value = 0; value < 400; value++) network.send(id, 'In', value)
    }
    await network.start()
    while (platform.turn());
    expect(order.length).toBeGreaterThan(20)
    expect(network.snapshot().nodes.map(({ received }) => received)).toEqual([400, 400])
  })

  it('makes slices short even when behaviours are slow', async () => {
    const { network, platform } = makeNetwork()
    const slow = defineActor({
      name: 'Slow',
      inports: { In: {} },
      run() {
        platform.timeMs += 3
      },
    })
    network.addNode('slow', slow)
    for (let value = 0; value < 100; value++) network.send('slow', 'In', value)
    await network.start()
    const slices: number[] = []
    for (let before = platform.timeMs; platform.turn(); before = platform.timeMs) slices.push(platform.timeMs - before)
    // The first batch is taken before anything is known of the behaviour.
    expect(Math.max(...slices.slice(1))).toBeLessThanOrEqual(7)
    expect(network.snapshot().nodes[0]).toMatchObject({ received: 100, busyMs: 300 })
  })

  it.each(['any', 'all', 'async', 'many wires'] as const)(
    'soon notices that a quick behaviour has turned slow (%s)',
    async (mode) => {
      const { network, platform, start } = makeNetwork()
      let quick = 1_500
      const run = () => {
        if (quick-- <= 0) platform.timeMs += 20
      }
      const turning = defineActor({
        name: 'Turning',
        inports: { In: { capacity: 4_000 } },
        firing: mode === 'all' ? 'all' : 'any',
        parallel: 4_000,
        run: mode === 'async' ? () => new Promise<void>(run) : run,
      })
      network.addNode('turning', turning)
      if (mode === 'many wires') {
        for (let index = 0; index < 1_000; index++) {
          network.addNode(`relay${index}`, relay)
          network.addWire(end(`relay${index}.Out`), end('turning.In'))
          for (let value = 0; value < 2; value++) network.send(`relay${index}`, 'In', value)
        }
      } else for (let value = 0; value < 2_000; value++) network.send('turning', 'In', value)
      const slices: number[] = []
      const started = start()
      for (let before = platform.timeMs; platform.turn(); before = platform.timeMs)
        slices.push(platform.timeMs - before)
      await started
      while (platform.turn());
      expect(network.snapshot().nodes[0]).toMatchObject({ received: 2_000 })
      expect(Math.max(...slices)).toBeGreaterThan(0)
      expect(Math.max(...slices)).toBeLessThanOrEqual(32 * 20)
    },
  )

  it('does not grow the stack, however long the chain', async () => {
    const { network, start, settle } = makeNetwork()
    const { actor, seen } = collector()
    for (let index = 0; index < 3_000; index++) {
      network.addNode(`n${index}`, relay)
      if (index > 0) network.addWire({ node: `n${index - 1}`, port: 'Out' }, { node: `n${index}`, port: 'In' })
    }
    network.addNode('sink', actor)
    network.addWire({ node: 'n2999', port: 'Out' }, end('sink.In'))
    network.send('n0', 'In', 'through')
    await start()
    await settle()
    expect(seen).toEqual(['through'])
  })

  it('asks for no turn when there is nothing to do', async () => {
    const { network, platform, start, settle } = makeNetwork()
    network.addNode('relay', relay)
    await start()
    await settle()
    expect(platform.turn()).toBe(false)
    expect(platform.timers).toBe(0)
    network.send('relay', 'In', 1)
    expect(platform.turn()).toBe(true)
    expect(platform.turn()).toBe(false)
  })

  it('moves many messages through a real network, each once and in order', async () => {
    const network = new Network({ platform: realPlatform })
    const count = 200_000
    let next = 0
    let wrong = 0
    let finish = () => {}
    const finished = new Promise<void>((resolve) => {
      finish = resolve
    })
    const source = defineActor({
      name: 'Source',
      outports: { Out: {} },
      async start({ out, signal }) {
        for (let value = 0; value < count && !signal.aborted; value++) await out.Out.send(value)
      },
    })
    const check = defineActor({
      name: 'Check',
      inports: { In: {} },
      run({ inputs }) {
        if (inputs.In !== next) wrong++
        next++
        if (next === count) finish()
      },
    })
    network.addNode('source', source)
    for (const id of ['a', 'b', 'c']) network.addNode(id, relay)
    network.addNode('check', check)
    for (const [from, to] of [
      ['source', 'a'],
      ['a', 'b'],
      ['b', 'c'],
      ['c', 'check'],
    ])
      network.addWire({ node: from ?? '', port: 'Out' }, { node: to ?? '', port: 'In' })
    await network.start()
    await finished
    expect(wrong).toBe(0)
    expect(await network.stop()).toEqual({ left: 0 })
    expect(network.snapshot().nodes.map(({ received, sent }) => [received, sent])).toEqual([
      [0, count],
      [count, count],
      [count, count],
      [count, count],
      [count, 0],
    ])
  })
})
