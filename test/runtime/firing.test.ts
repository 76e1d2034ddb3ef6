import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { defineActor } from '../../src/runtime/index.ts'
import { collector, end, latch, makeNetwork, relay } from './rig.ts'

const pair = defineActor({
  name: 'Pair',
  inports: { A: {}, B: {} },
  outports: { Out: {} },
  firing: 'all',
  run: ({ inputs, port }) => ({ Out: [inputs.A, inputs.B, port] }),
})

describe('firing any', () => {
  it('runs once per message and shows only the inport that fired', async () => {
    const { network, start, settle } = makeNetwork()
    const seen: unknown[] = []
    const actor = defineActor({
      name: 'Watcher',
      inports: { A: {}, B: {} },
      run({ inputs, port }) {
        seen.push([port, { ...inputs }, Object.keys(inputs), 'A' in inputs])
      },
    })
    network.addNode('n', actor)
    network.send('n', 'A', 1)
    network.send('n', 'B', 2)
    await start()
    await settle()
    expect(seen).toEqual([
      ['A', { A: 1 }, ['A'], true],
      ['B', { B: 2 }, ['B'], false],
    ])
  })

  it('shares inputs between nodes of one actor without mixing them up', async () => {
    const { network, start, settle } = makeNetwork()
    const { actor, seen } = collector()
    for (const id of ['r1', 'r2', 'r3']) network.addNode(id, relay)
    network.addNode('sink', actor)
    network.addWire(end('r1.Out'), end('r2.In'))
    network.addWire(end('r2.Out'), end('r3.In'))
    network.addWire(end('r3.Out'), end('sink.In'))
    for (let value = 0; value < 600; value++) network.send('r1', 'In', value)
    await start()
    await settle()
    expect(seen).toEqual(Array.from({ length: 600 }, (_, index) => index))
  })
})

describe('firing all', () => {
  it('zips what arrives, none lost, whatever the order of arrival', async () => {
    const sides = fc.array(fc.constantFrom<'A' | 'B'>('A', 'B'), { maxLength: 60 })
    await fc.assert(
      fc.asyncProperty(sides, async (arrivals) => {
        const { network, start, settle, node } = makeNetwork()
        const { actor, seen } = collector()
        network.addNode('pair', pair)
        network.addNode('sink', actor)
        network.addWire(end('pair.Out'), end('sink.In'))
        await start()
        const sent = { A: 0, B: 0 }
        for (const side of arrivals) {
          network.send('pair', side, `${side}${sent[side]++}`)
          if (sent[side] % 3 === 0) await settle()
        }
        await settle()
        const sets = Math.min(sent.A, sent.B)
        expect(seen).toEqual(Array.from({ length: sets }, (_, index) => [`A${index}`, `B${index}`, 'B']))
        expect(node('pair').queued).toBe(sent.A + sent.B - 2 * sets)
      }),
      { numRuns: 30 },
    )
  })

  it('waits for every inport, and holds up the source of the other one', async () => {
    const { network, start, settle, node } = makeNetwork()
    const source = defineActor({
      name: 'Source',
      outports: { Out: { capacity: 3 } },
      async start({ send, signal }) {
        for (let value = 0; !signal.aborted; value++) await send({ Out: value })
      },
    })
    network.addNode('source', source)
    network.addNode('pair', pair)
    network.addWire(end('source.Out'), end('pair.A'), { capacity: 4 })
    await start()
    await settle()
    expect(node('pair')).toMatchObject({ received: 0, queued: 4, state: 'idle' })
    expect(node('source')).toMatchObject({ sent: 7, outbox: 4, state: 'blocked' })
    network.send('pair', 'B', 'b')
    await settle()
    expect(node('pair')).toMatchObject({ received: 2, queued: 4 })
    expect(node('source').sent).toBe(8)
  })
})

describe('a node that waits for all its inports', () => {
  it('says once, by name, which of them nothing leads to, when something waits for it', async () => {
    const { network, start, settle, events, log } = makeNetwork()
    const { actor, seen } = collector()
    const source = defineActor({
      name: 'Source',
      outports: { Out: {} },
      start: ({ out }) => void [1, 2].map((n) => out.Out.send(n)),
    })
    network.addNode('source', source)
    network.addNode('pair', pair)
    network.addNode('sink', actor)
    network.addWire(end('pair.Out'), end('sink.In'))
    await start()
    const starved = () => events.filter(({ type }) => type === 'nodeStarved')
    expect(starved()).toEqual([])
    network.addWire(end('source.Out'), end('pair.A'))
    network.send('pair', 'A', 'a')
    await settle()
    expect(starved()).toMatchObject([{ node: 'pair', ports: ['B'] }])
    expect(log).toEqual([
      { level: 'warn', node: 'pair', text: expect.stringMatching(/nothing is wired to "B"/) as string },
    ])
    network.send('pair', 'B', 'b')
    await settle()
    expect(seen).toHaveLength(1)
    expect(starved()).toHaveLength(1)
  })
})

/** An asynchronous actor whose runs the test ends one by one. */
function slowActor(parallel: number) {
  const runs: { input: unknown; end: (output: unknown) => void; fail: (error: unknown) => void }[] = []
  const actor = defineActor({
    name: 'Slow',
    inports: { In: {} },
    outports: { Out: {} },
    parallel,
    async run({ inputs }) {
      const { opened, open, fail } = latch<unknown>()
      runs.push({ input: inputs.In, end: open, fail })
      return { Out: await opened }
    },
  })
  return { actor, runs }
}

describe('asynchronous behaviours', () => {
  async function slowPipe(parallel: number) {
    const rig = makeNetwork()
    const slow = slowActor(parallel)
    const { actor, seen } = collector()
    rig.network.addNode('slow', slow.actor)
    rig.network.addNode('sink', actor)
    rig.network.addWire(end('slow.Out'), end('sink.In'), { capacity: 1 })
    await rig.start()
    for (let value = 0; value < 5; value++) rig.network.send('slow', 'In', value)
    await rig.settle()
    return { ...rig, ...slow, seen }
  }

  it('run one at a time', async () => {
    const { runs, settle, seen, node } = await slowPipe(1)
    expect(runs.map(({ input }) => input)).toEqual([0])
    expect(node('slow')).toMatchObject({ state: 'running', received: 1, queued: 4 })
    runs[0]?.end('a')
    await settle()
    expect(runs.map(({ input }) => input)).toEqual([0, 1])
    expect(seen).toEqual(['a'])
  })

  it('run as many at a time as they say, and keep the outputs in the order of the inputs', async () => {
    const { runs, settle, seen } = await slowPipe(3)
    expect(runs.map(({ input }) => input)).toEqual([0, 1, 2])
    runs[2]?.end('c')
    runs[1]?.end('b')
    await settle()
    expect(seen).toEqual([])
    expect(runs).toHaveLength(3)
    runs[0]?.end('a')
    await settle()
    expect(seen).toEqual(['a', 'b', 'c'])
    expect(runs.map(({ input }) => input)).toEqual([0, 1, 2, 3, 4])
  })

  it('keep order and lose nothing however their runs end', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 5 }),
        fc.array(fc.nat(), { minLength: 5, maxLength: 5 }),
        async (parallel, choices) => {
          const { runs, settle, seen } = await slowPipe(parallel)
          const ended = new Set<unknown>()
          for (const choice of choices) {
            const open = runs.filter((run) => !ended.has(run))
            const next = open[choice % open.length]
            ended.add(next)
            next?.end(next.input)
            await settle()
          }
          expect(seen).toEqual([0, 1, 2, 3, 4])
        },
      ),
      { numRuns: 30 },
    )
  })

  it('keep what they return until there is room for it', async () => {
    const { network, start, settle, node } = makeNetwork()
    const { actor, runs } = slowActor(3)
    const sink = slowActor(1)
    network.addNode('slow', { ...actor, outports: { Out: { capacity: 1 } } })
    network.addNode('sink', sink.actor)
    network.addWire(end('slow.Out'), end('sink.In'), { capacity: 1 })
    await start()
    for (let value = 0; value < 9; value++) network.send('slow', 'In', value)
    await settle()
    for (let ended = 0; ended < runs.length; ended++) {
      runs[ended]?.end(ended)
      await settle()
    }
    // One in the sink, one on the wire, one in the outbox, and two runs that cannot give away what they have.
    expect(runs).toHaveLength(5)
    expect(node('slow')).toMatchObject({ outbox: 1, sent: 3, state: 'blocked' })
    for (let round = 0; round < 20; round++) {
      for (const run of sink.runs) run.end(undefined)
      runs.forEach((run, index) => run.end(index))
      await settle()
    }
    expect(sink.runs.map(({ input }) => input)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8])
  })

  it('have inputs of their own, also the first and those of a function that is not declared async', async () => {
    const { network, start, settle } = makeNetwork()
    const late: unknown[] = []
    const gates = [latch(), latch(), latch(), latch()]
    const actor = defineActor({
      name: 'Sometimes',
      inports: { In: {} },
      parallel: 4,
      run(context) {
        const value = Number(context.inputs.In)
        // The first message is done with synchronously, the others are not.
        if (value === 0) return undefined
        return gates[value]?.opened.then(() => {
          late.push([value, context.inputs.In, context.port])
          return undefined
        })
      },
    })
    network.addNode('n', actor)
    network.addNode('other', actor)
    for (const value of [0, 1, 2, 3]) network.send('n', 'In', value)
    network.send('other', 'In', 0)
    await start()
    await settle()
    for (const gate of gates) gate.open()
    await settle()
    expect(late).toEqual([
      [1, 1, 'In'],
      [2, 2, 'In'],
      [3, 3, 'In'],
    ])
  })

  it('share one context again once they have answered at once for a while, and get another for each that waits', async () => {
    const { network, start, settle } = makeNetwork()
    const contexts = new Set<unknown>()
    const seen: number[] = []
    const waiting = new Set([50, 60])
    const actor = defineActor({
      name: 'SeldomWaits',
      inports: { In: {} },
      run(context) {
        contexts.add(context)
        const value = Number(context.inputs.In)
        if (!waiting.has(value)) return void seen.push(value)
        return Promise.resolve().then(() => void seen.push(Number(context.inputs.In)))
      },
    })
    network.addNode('n', actor)
    for (let value = 0; value < 300; value++) network.send('n', 'In', value)
    await start()
    await settle()
    expect(seen).toEqual(Array.from({ length: 300 }, (_, value) => value))
    expect(contexts.size).toBeLessThan(40)
  })

  it('may each await a send of their own', async () => {
    const { network, start, settle, stop } = makeNetwork()
    const { actor, seen } = collector()
    const together = latch()
    const chatty = defineActor({
      name: 'Chatty',
      inports: { In: {} },
      outports: { Out: { capacity: 1 } },
      parallel: 4,
      async run({ inputs, send, out }) {
        await together.opened
        for (let part = 0; part < 3; part++) await send({ Out: `${String(inputs.In)}${part}` })
        await out.Out.send(`${String(inputs.In)}3`)
      },
    })
    network.addNode('chatty', chatty)
    network.addNode('sink', actor)
    network.addWire(end('chatty.Out'), end('sink.In'), { capacity: 1 })
    for (const name of ['a', 'b', 'c', 'd']) network.send('chatty', 'In', name)
    await start()
    together.open()
    await settle()
    expect(network.deadLetters()).toEqual([])
    for (const name of ['a', 'b', 'c', 'd'])
      expect(seen.filter((value) => String(value).startsWith(name))).toEqual(
        [0, 1, 2, 3].map((part) => `${name}${part}`),
      )
    expect(await stop()).toEqual({ left: 0 })
  })
})
