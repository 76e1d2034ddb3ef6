import fc from 'fast-check'
import * as v from 'valibot'
import { describe, expect, it } from 'vitest'
import { defineActor } from '../../src/runtime/index.ts'
import { collector, end, makeNetwork, relay } from './rig.ts'

/** Sends what it is given, then waits; takes as long as its wires make it. */
function sender(values: readonly unknown[], capacity: number) {
  return defineActor({
    name: 'Sender',
    outports: { Out: { capacity } },
    async start({ send, signal }) {
      for (const value of values) {
        if (signal.aborted) return
        await send({ Out: value })
      }
    },
  })
}

describe('a wire', () => {
  it('is refused when an end is unknown, kinds do not fit, or it is there already', () => {
    const { network } = makeNetwork()
    const text = defineActor({ name: 'Text', outports: { Out: { kind: 'string' } }, start() {} })
    const number = defineActor({ name: 'Number', inports: { In: { kind: 'float' } }, run() {} })
    network.addNode('text', text)
    network.addNode('number', number)
    network.addNode('relay', relay)
    const add = (from: string, to: string, options = {}) => network.addWire(end(from), end(to), options)
    expect(() => add('texd.Out', 'relay.In')).toThrow(expect.objectContaining({ code: 'NODE_UNKNOWN' }))
    expect(() => add('text.Oud', 'relay.In')).toThrow(expect.objectContaining({ code: 'PORT_UNKNOWN' }))
    expect(() => add('text.Out', 'relay.Inn')).toThrow(expect.objectContaining({ code: 'PORT_UNKNOWN' }))
    expect(() => add('text.Out', 'number.In')).toThrow(
      expect.objectContaining({ code: 'KIND_MISMATCH', message: expect.stringMatching(/string.*float/) }),
    )
    expect(() => add('text.Out', 'relay.In', { capacity: 0 })).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID' }),
    )
    expect(add('text.Out', 'relay.In')).toBe('text.Out -> relay.In')
    expect(() => add('text.Out', 'relay.In')).toThrow(expect.objectContaining({ code: 'WIRE_DUPLICATE' }))
    expect(() => network.removeWire(end('relay.Out'), end('number.In'))).toThrow(
      expect.objectContaining({ code: 'WIRE_UNKNOWN' }),
    )
    expect(network.snapshot().wires).toHaveLength(1)
  })

  it('holds what it says, else what its inport says, else 1,024 messages', () => {
    const { network } = makeNetwork()
    const narrow = defineActor({ name: 'Narrow', inports: { In: { capacity: 7 }, Wide: {} }, run() {} })
    network.addNode('relay', relay)
    network.addNode('n', narrow)
    network.addNode('m', narrow)
    network.addWire(end('relay.Out'), end('n.In'))
    network.addWire(end('relay.Out'), end('n.Wide'))
    network.addWire(end('relay.Out'), end('m.In'), { capacity: 3 })
    expect(network.snapshot().wires.map(({ capacity }) => capacity)).toEqual([7, 1024, 3])
  })

  it('is bounded by bytes too, but takes one message of any size when it is empty', async () => {
    const { network, start, settle, node } = makeNetwork()
    const held = defineActor({ name: 'Held', inports: { In: {} }, start: () => new Promise<void>(() => {}), run() {} })
    const texts = ['a'.repeat(50_000), 'b'.repeat(400), 'c'.repeat(400), 'd'.repeat(400)]
    network.addNode('sender', sender(texts, 2))
    network.addNode('held', held)
    network.addWire(end('sender.Out'), end('held.In'), { bytes: 2_000 })
    void start()
    await settle()
    expect(network.snapshot().wires[0]).toMatchObject({ queued: 1, accepted: 1 })
    expect(network.snapshot().wires[0]?.queuedBytes).toBeGreaterThan(100_000)
    expect(node('sender')).toMatchObject({ state: 'blocked', outbox: 3 })
  })

  it('takes from the outbox as soon as bytes come free', async () => {
    const { network, start, settle, node } = makeNetwork()
    const { actor, seen } = collector()
    const bytes = Array.from({ length: 40 }, (_, index) => new Uint8Array(index % 7 === 0 ? 5_000 : 10))
    network.addNode('sender', sender(bytes, 3))
    network.addNode('sink', actor)
    network.addWire(end('sender.Out'), end('sink.In'), { bytes: 1_000 })
    await start()
    await settle()
    expect(seen).toEqual(bytes)
    expect(node('sender').outbox).toBe(0)
    expect(network.snapshot().wires[0]).toMatchObject({ queued: 0, queuedBytes: 0, accepted: 40 })
  })

  it('gives every branch the same message, frozen in development', async () => {
    const { network, start, platform } = makeNetwork({ freeze: true })
    const one = collector()
    const two = collector()
    const mutant = defineActor({
      name: 'Mutant',
      inports: { In: { kind: 'object' } },
      run({ inputs }) {
        Object.assign(inputs.In as object, { mine: true })
      },
    })
    network.addNode('relay', relay)
    network.addNode('one', one.actor)
    network.addNode('two', two.actor)
    network.addNode('mutant', mutant)
    for (const to of ['mutant', 'one', 'two']) network.addWire(end('relay.Out'), end(`${to}.In`))
    const message = { inner: { list: [1, undefined, { deep: true }] }, bytes: new Uint8Array(2) }
    network.send('relay', 'In', message)
    await start()
    await platform.advance(20)
    expect(one.seen[0]).toBe(message)
    expect(two.seen[0]).toBe(message)
    expect(message).not.toHaveProperty('mine')
    expect(Object.isFrozen(message.inner.list[2])).toBe(true)
    expect(network.deadLetters()).toMatchObject([{ node: 'mutant', code: 'BEHAVIOUR_FAILED' }])
  })
})

describe('bytes that several branches share', () => {
  const bytesOf = (seen: readonly unknown[]) => seen.map((message) => [...(message as { data: Uint8Array }).data])

  /** One source, a branch that does as it likes with what it gets, and one on each side of it. */
  async function fanOut(run: (data: Uint8Array) => unknown) {
    const rig = makeNetwork({ freeze: true })
    const before = collector()
    const after = collector()
    const middle = defineActor({
      name: 'Middle',
      inports: { In: {} },
      run: ({ inputs }) => void run((inputs.In as { data: Uint8Array }).data),
    })
    rig.network.addNode('relay', relay)
    rig.network.addNode('before', before.actor)
    rig.network.addNode('middle', middle)
    rig.network.addNode('after', after.actor)
    for (const to of ['before', 'middle', 'after']) rig.network.addWire(end('relay.Out'), end(`${to}.In`))
    const data = new Uint8Array([1, 2, 3])
    rig.network.send('relay', 'In', { data })
    await rig.start()
    await rig.platform.advance(100)
    return { ...rig, data, before: before.seen, after: after.seen }
  }

  it('are the original in each of them, or a clear error in development says who changed them', async () => {
    const { network, before, after } = await fanOut((data) => data.fill(9))
    expect(bytesOf(before.slice(0, 1))).toHaveLength(1)
    expect(after).toEqual([])
    expect(network.deadLetters()).toMatchObject([
      {
        node: 'middle',
        code: 'MESSAGE_MUTATED',
        reason: expect.stringMatching(/"In" of node "middle" .*bytes\.slice\(\)/) as string,
      },
      { node: 'after', code: 'MESSAGE_MUTATED', reason: expect.stringMatching(/since they were sent/) as string },
    ])
  })

  it('go on as they are when a branch works on a copy', async () => {
    const { network, before, after } = await fanOut((data) => data.slice().fill(9))
    expect(bytesOf([...before, ...after])).toEqual([
      [1, 2, 3],
      [1, 2, 3],
    ])
    expect(network.deadLetters()).toEqual([])
  })

  it('are not changed by whoever sent them either', async () => {
    const { network, platform, data, after } = await fanOut(() => undefined)
    data[0] = 7
    network.send('relay', 'In', { data })
    await platform.advance(0)
    await platform.advance(1_000)
    expect(after).toHaveLength(1)
    expect(network.deadLetters()).toMatchObject([{ node: 'relay', code: 'MESSAGE_MUTATED' }])
  })
})

describe('a sink of ten messages a second behind a source that could do a million', () => {
  it('gets each in order, and no more ever waits than the queues may hold', async () => {
    const { network, platform, start, node } = makeNetwork()
    let made = 0
    const source = defineActor({
      name: 'Source',
      outports: { Out: { capacity: 8 } },
      async start({ out, signal }) {
        while (!signal.aborted) await out.Out.send(made++)
      },
    })
    const seen: unknown[] = []
    const sink = defineActor({
      name: 'Sink',
      inports: { In: { capacity: 5 } },
      async run({ inputs }) {
        seen.push(inputs.In)
        await new Promise<void>((resolve) => platform.after(100, resolve))
      },
    })
    network.addNode('source', source)
    network.addNode('relay', relay)
    network.addNode('sink', sink)
    network.addWire(end('source.Out'), end('relay.In'), { capacity: 20 })
    network.addWire(end('relay.Out'), end('sink.In'))
    await start()
    // Each wire, the outbox of the source with the send that waits, and the one message the relay may have left.
    const bound = 20 + 5 + (8 + 1) + 1
    for (let tenths = 0; tenths < 600; tenths++) {
      await platform.advance(100)
      const { nodes, wires } = network.snapshot()
      const queued =
        wires.reduce((sum, wire) => sum + wire.queued, 0) + nodes.reduce((sum, { outbox }) => sum + outbox, 0)
      expect(queued).toBeLessThanOrEqual(bound)
      // All that was ever made waits or has arrived: nothing piles up where it is not counted.
      expect(made - seen.length).toBeLessThanOrEqual(bound + 1)
    }
    expect(seen).toEqual(Array.from({ length: 601 }, (_, index) => index))
    expect(node('source')).toMatchObject({ state: 'blocked' })
  })
})

describe('back pressure', () => {
  it('goes from a slow sink back to the first source, through every node between', async () => {
    const { network, start, settle, node, stop } = makeNetwork()
    let open = false
    const seen: unknown[] = []
    const waiting: (() => void)[] = []
    const sink = defineActor({
      name: 'Sink',
      inports: { In: { capacity: 2 } },
      run({ inputs }) {
        seen.push(inputs.In)
        return open ? undefined : new Promise<void>((resolve) => waiting.push(resolve))
      },
    })
    const narrow = defineActor({
      ...relay,
      name: 'Narrow',
      inports: { In: { capacity: 3 } },
      outports: { Out: { capacity: 1 } },
    })
    const values = Array.from({ length: 100 }, (_, index) => index)
    network.addNode('source', sender(values, 4))
    for (const id of ['a', 'b', 'c']) network.addNode(id, narrow)
    network.addNode('sink', sink)
    network.addWire(end('source.Out'), end('a.In'))
    network.addWire(end('a.Out'), end('b.In'))
    network.addWire(end('b.Out'), end('c.In'))
    network.addWire(end('c.Out'), end('sink.In'))
    await start()
    await settle()
    expect(['source', 'a', 'b', 'c'].map((id) => node(id).state)).toEqual(['blocked', 'blocked', 'blocked', 'blocked'])
    expect(network.snapshot().wires.map(({ queued }) => queued)).toEqual([3, 3, 3, 2])
    expect(['source', 'a', 'b', 'c'].map((id) => node(id).outbox)).toEqual([5, 1, 1, 1])
    open = true
    for (const resolve of waiting) resolve()
    await settle()
    expect(seen).toEqual(values)
    for (const id of ['source', 'a', 'b', 'c']) expect(node(id).outbox).toBe(0)
    expect(await stop()).toEqual({ left: 0 })
  })

  it('measures how long a node is blocked, and says that its wire is full', async () => {
    const { network, start, platform, settle, node, events } = makeNetwork()
    const resolvers: (() => void)[] = []
    const sink = defineActor({
      name: 'Sink',
      inports: { In: {} },
      run: () => new Promise<void>((resolve) => resolvers.push(resolve)),
    })
    network.addNode('source', sender([1, 2, 3], 1))
    network.addNode('sink', sink)
    network.addWire(end('source.Out'), end('sink.In'), { capacity: 1 })
    await start()
    await settle()
    await platform.advance(250)
    expect(node('source')).toMatchObject({ state: 'blocked', blockedMs: 250 })
    expect(node('sink')).toMatchObject({ state: 'running', busyMs: 250 })
    resolvers.shift()?.()
    await settle()
    await platform.advance(100)
    expect(node('source')).toMatchObject({ state: 'running', blockedMs: 250 })
    expect(events.filter(({ type }) => type === 'wireFull')).toEqual([
      { type: 'wireFull', wire: 'source.Out -> sink.In', capacity: 1 },
    ])
  })
})

/** Any network without rings: node n takes from nodes before it, each wire and outport with its own bounds. */
const topologies = fc.record({
  messages: fc.integer({ min: 1, max: 60 }),
  nodes: fc.array(
    fc.record({
      from: fc.array(fc.nat(), { minLength: 1, maxLength: 3 }),
      capacity: fc.integer({ min: 1, max: 6 }),
      outbox: fc.integer({ min: 1, max: 4 }),
      copies: fc.integer({ min: 1, max: 2 }),
      kind: fc.constantFrom('sync', 'async', 'parallel', 'handles'),
    }),
    { minLength: 1, maxLength: 6 },
  ),
})

function worker(name: string, shape: { outbox: number; copies: number; kind: string }, got: Map<string, unknown[]>) {
  return defineActor({
    name,
    inports: { In: {} },
    outports: { Out: { capacity: shape.outbox } },
    parallel: shape.kind === 'parallel' ? 3 : 1,
    run(context) {
      const message = context.inputs.In as string
      got.get(name)?.push(message)
      const own = Array.from({ length: shape.copies }, (_, copy) => `${message}>${name}${copy}`)
      if (shape.kind === 'handles') {
        for (const copy of own.slice(1)) context.out.Out.send(copy)
        return { Out: own[0] }
      }
      if (shape.kind === 'sync') return { Out: own[0] }
      return Promise.resolve({ Out: own[0] })
    },
  })
}

describe('any network without rings', () => {
  it('keeps order on every wire, loses nothing, doubles nothing, and stays within its bounds', async () => {
    await fc.assert(
      fc.asyncProperty(topologies, async ({ messages, nodes }) => {
        const { network, platform, stop } = makeNetwork()
        const got = new Map<string, unknown[]>()
        const values = Array.from({ length: messages }, (_, index) => `m${index}`)
        network.addNode('n0', sender(values, 3))
        let bound = 3 + 1
        nodes.forEach((shape, index) => {
          const id = `n${index + 1}`
          got.set(id, [])
          network.addNode(id, worker(id, shape, got))
          const sources = new Set(shape.from.map((from) => from % (index + 1)))
          for (const from of sources) {
            network.addWire({ node: `n${from}`, port: 'Out' }, { node: id, port: 'In' }, { capacity: shape.capacity })
            bound += shape.capacity
          }
          // What one run emits is taken even if it is more than the outbox holds.
          bound += Math.max(shape.outbox, shape.copies)
        })
        void network.start()
        for (let turn = 0; turn < 2_000; turn++) {
          await new Promise((resolve) => setImmediate(resolve))
          const ran = platform.turn()
          const { wires, nodes: figures } = network.snapshot()
          for (const { queued, capacity, highWater } of wires) {
            expect(queued).toBeLessThanOrEqual(capacity)
            expect(highWater).toBeLessThanOrEqual(capacity)
          }
          let held = 0
          for (const { queued } of wires) held += queued
          for (const { outbox } of figures) held += outbox
          expect(held).toBeLessThanOrEqual(bound)
          if (!ran && turn > 3) break
        }
        expect(await stop()).toEqual({ left: 0 })
        // What each node must have got is what its sources emitted, in order per source.
        const emitted = new Map<string, string[]>([['n0', values]])
        nodes.forEach((shape, index) => {
          const id = `n${index + 1}`
          const sources = [...new Set(shape.from.map((from) => from % (index + 1)))].map((from) => `n${from}`)
          const seen = got.get(id) ?? []
          const expected = sources.flatMap((source) => emitted.get(source) ?? [])
          expect([...seen].sort()).toEqual([...expected].sort())
          for (const source of sources) {
            const own = emitted.get(source) ?? []
            const ofSource = new Set(own)
            if (isApart(source, sources, emitted))
              expect(seen.filter((value) => ofSource.has(String(value)))).toEqual(own)
          }
          emitted.set(
            id,
            seen.flatMap((value) => emissions(id, shape, String(value))),
          )
        })
      }),
      { numRuns: 60 },
    )
  }, 60_000)
})

/** Whether the messages of a source can be told from those of the others. */
function isApart(source: string, sources: readonly string[], emitted: ReadonlyMap<string, readonly string[]>): boolean {
  const own = new Set(emitted.get(source))
  return sources.every((other) => other === source || (emitted.get(other) ?? []).every((value) => !own.has(value)))
}

function emissions(id: string, { kind, copies }: { kind: string; copies: number }, message: string): string[] {
  const own = Array.from({ length: copies }, (_, copy) => `${message}>${id}${copy}`)
  return kind === 'handles' ? [...own.slice(1), ...own.slice(0, 1)] : own.slice(0, 1)
}

describe('config', () => {
  const scale = defineActor({
    name: 'Scale',
    inports: { In: {} },
    config: v.object({ by: v.optional(v.number(), 2), nested: v.optional(v.object({ deep: v.string() })) }),
    run() {},
  })

  it('is the metadata without the reserved keys, as the schema of the actor gives it', async () => {
    const { network, start, settle, log } = makeNetwork({ env: { HOME: '/root', TOKEN: 't', OTHER: 'x' } })
    const seen: unknown[] = []
    const actor = defineActor({ ...scale, run: ({ config, env, node }) => void seen.push({ config, env, node }) })
    const loose = defineActor({ name: 'Loose', inports: { In: {} }, run: ({ config }) => void seen.push(config) })
    const metadata = {
      position: { x: 1, y: 2 },
      label: 'A',
      millrace: { kind: 'any' },
      env_vars: { TOKEN: 'required', HOME: 'optional:/home', LANG: 'optional:C:x', MODE: 'optional' },
      unheard: 1,
    }
    network.addNode('n', actor, { metadata })
    network.addNode('loose', loose, { metadata })
    network.send('n', 'In', 1)
    network.send('loose', 'In', 1)
    await start()
    await settle()
    expect(seen).toEqual([
      {
        config: { by: 2 },
        env: { TOKEN: 't', HOME: '/root', LANG: 'C:x', MODE: undefined },
        node: { id: 'n', networkId: 'network', instanceId: 'instance' },
      },
      { unheard: 1 },
    ])
    expect(log).toEqual([{ level: 'warn', node: 'n', text: expect.stringMatching(/Scale.*unheard/) }])
  })

  it('that is wrong names node, field and what was expected', () => {
    const { network } = makeNetwork()
    const attempt = () => network.addNode('n', scale, { metadata: { by: 'much', nested: { deep: 1 } } })
    expect(attempt).toThrow(
      expect.objectContaining({
        code: 'CONFIG_INVALID',
        message: expect.stringMatching(/node "n" \(Scale\): field "by": .*number.*; field "nested\.deep": .*string/),
      }),
    )
    expect(network.snapshot().nodes).toEqual([])
  })

  it('is refused when its schema is asynchronous', () => {
    const { network } = makeNetwork()
    const config = v.objectAsync({
      by: v.pipeAsync(
        v.number(),
        v.checkAsync(async () => true),
      ),
    })
    const actor = defineActor({ name: 'Slow', config, start() {} })
    expect(() => network.addNode('n', actor, { metadata: { by: 1 } })).toThrow(
      expect.objectContaining({ code: 'ACTOR_INVALID', message: expect.stringContaining('asynchronous') }),
    )
  })

  it('needs its required environment variables', () => {
    const { network } = makeNetwork()
    const add = (env_vars: unknown) => network.addNode('n', scale, { metadata: { env_vars } })
    expect(() => add({ TOKEN: 'required' })).toThrow(
      expect.objectContaining({ code: 'ENV_MISSING', message: expect.stringMatching(/"n".*TOKEN/) }),
    )
    expect(() => add({ TOKEN: 'maybe' })).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }))
    expect(() => add('TOKEN')).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }))
  })
})

describe('nodes and actors', () => {
  it('are known by name, once', () => {
    const { network } = makeNetwork()
    const undo = network.register(relay)
    network.addNode('a', 'Relay')
    expect(() => network.addNode('a', 'Relay')).toThrow(expect.objectContaining({ code: 'NODE_DUPLICATE' }))
    expect(() => network.addNode('b', 'Relai')).toThrow(
      expect.objectContaining({ code: 'ACTOR_UNKNOWN', message: expect.stringContaining('Relay') }),
    )
    expect(() => network.register({ ...relay })).toThrow(expect.objectContaining({ code: 'ACTOR_INVALID' }))
    undo()
    expect(network.actors()).toEqual([])
    expect(network.snapshot().nodes).toMatchObject([{ id: 'a', component: 'Relay', state: 'stopped' }])
    expect(() => network.setConfig('b', {})).toThrow(expect.objectContaining({ code: 'NODE_UNKNOWN' }))
  })

  it('report figures of themselves, within bounds', async () => {
    const { network, start, settle, node, log } = makeNetwork()
    const actor = defineActor({
      name: 'Gauged',
      inports: { In: { kind: 'float' } },
      run({ inputs, gauge, now }) {
        gauge('last', inputs.In ?? 0)
        gauge('time', now())
        for (let index = 0; index < 100; index++) gauge(`g${index}`, index)
        gauge('last', NaN)
      },
    })
    network.addNode('n', actor, { role: 'egress' })
    network.send('n', 'In', 1)
    network.send('n', 'In', 2)
    await start()
    await settle()
    const { gauges, role } = node('n')
    expect(role).toBe('egress')
    expect(Object.keys(gauges)).toHaveLength(32)
    expect(gauges).toMatchObject({ last: 2, time: 1_700_000_001_000 })
    expect(log).toHaveLength(1)
  })
})
