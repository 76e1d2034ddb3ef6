import { describe, expect, it } from 'vitest'
import { MillraceError } from '../../src/shared/index.ts'
import { defineActor } from '../../src/runtime/index.ts'
import { collector, end, latch, makeNetwork } from './rig.ts'

/** Sends numbers up to 49, waits until it is told to stop, and says what happened to it. */
function counter(history: string[] = []) {
  return defineActor({
    name: 'Counter',
    outports: { Out: { kind: 'integer', capacity: 2 } },
    async start({ send, signal }) {
      history.push('start')
      for (let value = 0; !signal.aborted && value < 50; value++) await send({ Out: value })
      if (!signal.aborted) await new Promise<void>((resolve) => signal.addEventListener('abort', resolve))
      history.push('aborted')
      return () => {
        history.push('stop hook')
      }
    },
  })
}

describe('starting', () => {
  it('is done once a hook has sent, also when it did so before it first waited', async () => {
    const { network, platform, settle, log, node, stop } = makeNetwork()
    const { actor, seen } = collector()
    const source = defineActor({
      name: 'Source',
      outports: { Out: {} },
      async start({ out, signal }) {
        out.Out.send('at once')
        await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()))
      },
    })
    network.addNode('source', source)
    network.addNode('sink', actor)
    network.addWire(end('source.Out'), end('sink.In'))
    const started = network.start()
    await settle()
    expect(network.state).toBe('running')
    await started
    expect(seen).toEqual(['at once'])
    expect(node('source').state).not.toBe('stopped')
    expect(platform.timers).toBe(0)
    await stop()
    expect(log).toEqual([])
  })

  it('fails when a hook throws after it has sent, without having been started', async () => {
    const { network, start, events } = makeNetwork()
    const source = defineActor({
      name: 'Source',
      outports: { Out: {} },
      start({ send }) {
        void send({ Out: 1 })
        throw new Error('no disk')
      },
    })
    network.addNode('source', source)
    await expect(start()).rejects.toThrow('no disk')
    expect(events.map(({ type }) => type)).not.toContain('nodeStarted')
  })

  it('delivers initial messages first, at every start', async () => {
    const { network, start, stop, settle } = makeNetwork()
    const { actor, seen } = collector()
    const greeter = defineActor({
      name: 'Greeter',
      outports: { Out: {} },
      start: ({ send }) => {
        send({ Out: 'hello' })
      },
    })
    network.addNode('greeter', greeter)
    network.addNode('sink', actor)
    network.addWire(end('greeter.Out'), end('sink.In'))
    network.addInitial(end('sink.In'), 'first')
    await start()
    await settle()
    expect(seen).toEqual(['first', 'hello'])
    await stop()
    await start()
    await settle()
    expect(seen).toEqual(['first', 'hello', 'first', 'hello'])
    network.addInitial(end('sink.In'), 'now')
    await settle()
    expect(seen.at(-1)).toBe('now')
    expect(() => network.addInitial(end('sink.Inn'), 1)).toThrow(expect.objectContaining({ code: 'PORT_UNKNOWN' }))
  })

  it('gives every node a state of its own, fresh at every start', async () => {
    const { network, start, stop, settle } = makeNetwork()
    const states: unknown[] = []
    const actor = defineActor({
      name: 'Stateful',
      inports: { In: {} },
      state: () => ({ count: 0 }),
      run(context) {
        context.state.count++
        states.push([context.node.id, context.state.count])
        if (context.state.count === 2) context.state = { count: 10 }
      },
    })
    network.addNode('a', actor)
    network.addNode('b', actor)
    for (const node of ['a', 'a', 'a', 'b']) network.send(node, 'In', 1)
    await start()
    await settle()
    await stop()
    network.send('a', 'In', 1)
    await start()
    await settle()
    expect(states).toEqual([
      ['a', 1],
      ['a', 2],
      ['a', 11],
      ['b', 1],
      ['a', 1],
    ])
  })

  it('lets messages wait until the start hook of their node is done', async () => {
    const { network, start, settle, node } = makeNetwork()
    const opened = latch()
    const seen: unknown[] = []
    const slow = defineActor({
      name: 'SlowStart',
      inports: { In: {} },
      async start() {
        await opened.opened
      },
      run: ({ inputs }) => {
        seen.push(inputs.In)
      },
    })
    network.addNode('slow', slow)
    network.send('slow', 'In', 1)
    const starting = start()
    await settle()
    expect(network.state).toBe('starting')
    expect(seen).toEqual([])
    expect(node('slow').queued).toBe(1)
    opened.open()
    await starting
    await settle()
    expect(network.state).toBe('running')
    expect(seen).toEqual([1])
  })

  it('takes a hook that sends for ever for started, and one that does nothing after ten seconds', async () => {
    const { network, platform, log, settle } = makeNetwork()
    network.addNode('counter', counter())
    network.addNode('stuck', defineActor({ name: 'Stuck', start: () => new Promise<void>(() => {}) }))
    const starting = network.start()
    await settle()
    expect(network.state).toBe('starting')
    await platform.advance(10_000)
    await starting
    expect(network.state).toBe('running')
    expect(log).toMatchObject([{ level: 'warn', node: 'stuck' }])
    expect(platform.timers).toBe(0)
  })

  it('that fails names the node and undoes what was started', async () => {
    const { network, start, events, node } = makeNetwork()
    const history: string[] = []
    const refused = defineActor({
      name: 'Refused',
      start: () => Promise.reject(new MillraceError('PORT_IN_USE', 'port 9080 is in use')),
    })
    network.addNode('counter', counter(history))
    network.addNode('refused', refused)
    await expect(start()).rejects.toMatchObject({
      code: 'PORT_IN_USE',
      message: 'node "refused" (Refused) could not start: port 9080 is in use',
    })
    expect(network.state).toBe('stopped')
    expect(history).toEqual(['start', 'aborted', 'stop hook'])
    expect(node('refused')).toMatchObject({
      state: 'failed',
      errors: 1,
      lastError: 'port 9080 is in use [PORT_IN_USE]',
    })
    expect(events).toContainEqual(expect.objectContaining({ type: 'nodeFailed', node: 'refused', during: 'start' }))
  })

  it('that fails by a throw has the code BEHAVIOUR_FAILED, and may be tried again', async () => {
    const { network, start, stop } = makeNetwork()
    let broken = true
    const moody = defineActor({
      name: 'Moody',
      start() {
        if (broken) throw new Error('not today')
      },
    })
    network.addNode('moody', moody)
    await expect(start()).rejects.toMatchObject({ code: 'BEHAVIOUR_FAILED' })
    broken = false
    await start()
    expect(network.snapshot().nodes[0]).toMatchObject({ state: 'running' })
    expect(network.snapshot().nodes[0]).not.toHaveProperty('lastError')
    await stop()
  })

  it('reports a source that fails after it has begun, and lets the rest run', async () => {
    const { network, start, settle, node, events } = makeNetwork()
    const { actor, seen } = collector()
    const fails = latch()
    const source = defineActor({
      name: 'Source',
      outports: { Out: {} },
      async start({ send }) {
        await Promise.resolve()
        send({ Out: 1 })
        await fails.opened
      },
    })
    network.addNode('source', source)
    network.addNode('sink', actor)
    network.addWire(end('source.Out'), end('sink.In'))
    await start()
    fails.fail(new Error('line cut'))
    await settle()
    expect(node('source')).toMatchObject({ state: 'failed', lastError: 'line cut' })
    expect(events).toContainEqual(expect.objectContaining({ type: 'nodeFailed', during: 'start', reason: 'line cut' }))
    network.send('sink', 'In', 2)
    await settle()
    expect(seen).toEqual([1, 2])
  })

  it('gives way to a stop, also while a hook hangs', async () => {
    const { network, platform, start, stop, settle, events } = makeNetwork()
    network.addNode('stuck', defineActor({ name: 'Stuck', start: () => new Promise<void>(() => {}) }))
    const outcome = start().catch((error: unknown) => error)
    await settle()
    expect(await stop()).toEqual({ left: 0 })
    expect(await outcome).toMatchObject({ code: 'NETWORK_STATE' })
    await platform.advance(60_000)
    expect(network.state).toBe('stopped')
    expect(events.map(({ type }) => type)).not.toContain('started')
  })

  it('is one start when it is asked for twice', async () => {
    const { network, start, stop } = makeNetwork()
    const history: string[] = []
    network.addNode('counter', counter(history))
    await Promise.all([start(), start()])
    await start()
    expect(history).toEqual(['start'])
    await stop()
  })
})

describe('stopping', () => {
  it('stops sources first, processes what is queued, then runs the stop hooks downstream', async () => {
    const { network, platform, stop } = makeNetwork()
    const history: string[] = []
    const seen: unknown[] = []
    const batcher = defineActor({
      name: 'Batcher',
      inports: { In: { capacity: 4 } },
      outports: { Out: {} },
      state: () => [] as unknown[],
      start: (context) => () => {
        history.push('batcher stops')
        context.send({ Out: [...context.state] })
      },
      run({ inputs, state }) {
        state.push(inputs.In)
      },
    })
    const { actor: sink, seen: batches } = collector()
    const watcher = defineActor({
      name: 'Watcher',
      inports: { In: {} },
      run: ({ inputs }) => {
        seen.push(inputs.In)
      },
    })
    network.addNode('sink', sink)
    network.addNode('batcher', batcher)
    network.addNode('watcher', watcher)
    network.addNode('counter', counter(history))
    network.addWire(end('batcher.Out'), end('sink.In'))
    network.addWire(end('counter.Out'), end('batcher.In'))
    network.addWire(end('counter.Out'), end('watcher.In'))
    await network.start()
    platform.turn()
    expect(await stop()).toEqual({ left: 0 })
    expect(history).toEqual(['start', 'aborted', 'stop hook', 'batcher stops'])
    expect(batches).toEqual([seen])
    expect(seen.length).toBeGreaterThan(3)
    expect(seen.length).toBeLessThan(50)
    expect(seen).toEqual(seen.map((_, index) => index))
  })

  it('runs a stop hook only when what was queued for its node is processed', async () => {
    const { network, start, settle } = makeNetwork()
    const history: unknown[] = []
    const task = latch()
    const writer = defineActor({
      name: 'Writer',
      inports: { In: {} },
      start: () => () => {
        history.push('closed')
      },
      async run({ inputs }) {
        await task.opened
        history.push(inputs.In)
      },
    })
    network.addNode('writer', writer)
    for (const value of [1, 2, 3]) network.send('writer', 'In', value)
    await start()
    await settle()
    const stopping = network.stop()
    await settle()
    task.open()
    await settle()
    expect(await stopping).toEqual({ left: 0 })
    expect(history).toEqual([1, 2, 3, 'closed'])
  })

  it('takes what a start hook throws at its abort for its end', async () => {
    const { network, start, stop, node } = makeNetwork()
    const source = defineActor({
      name: 'Source',
      outports: { Out: {} },
      async start({ send, signal }) {
        await Promise.resolve()
        send({ Out: 1 })
        await new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('aborted'))))
      },
    })
    network.addNode('source', source)
    await start()
    expect(await stop()).toEqual({ left: 0 })
    expect(node('source')).toMatchObject({ state: 'stopped', errors: 0 })
  })

  it('waits for asynchronous behaviours, then aborts their signals', async () => {
    const { network, start, platform, settle } = makeNetwork()
    const aborted: string[] = []
    const task = latch()
    const actor = defineActor({
      name: 'Task',
      inports: { In: {} },
      async run({ signal }) {
        signal.addEventListener('abort', () => aborted.push('aborted'))
        await task.opened
        aborted.push('done')
      },
    })
    network.addNode('task', actor)
    network.send('task', 'In', 1)
    await start()
    await settle()
    const stopping = network.stop()
    await settle()
    expect(network.state).toBe('draining')
    expect(aborted).toEqual([])
    task.open()
    await settle()
    expect(await stopping).toEqual({ left: 0 })
    expect(aborted).toEqual(['done', 'aborted'])
    expect(platform.timers).toBe(0)
  })

  it('keeps after the deadline what is left, and goes on with it at the next start', async () => {
    const { network, start, stop, settle } = makeNetwork()
    const seen: unknown[] = []
    let open = false
    const sink = defineActor({
      name: 'Sink',
      inports: { In: { capacity: 3 } },
      run({ inputs }) {
        if (!open) return new Promise<void>(() => {})
        seen.push(inputs.In)
        return undefined
      },
    })
    network.addNode('counter', counter())
    network.addNode('sink', sink)
    network.addWire(end('counter.Out'), end('sink.In'))
    await start()
    await settle()
    const { left } = await stop({ drainMs: 50 })
    // One in the sink, three on the wire, two in the outbox, one that waited for room.
    expect(left).toBe(7)
    expect(network.deadLetters()).toMatchObject([{ code: 'NETWORK_STATE', preview: '{"type":"Integer","data":0}' }])
    network.removeNode('counter').catch(() => {})
    expect(network.deadLetters()).toHaveLength(7)
    open = true
    await start()
    network.send('sink', 'In', 'again')
    await settle()
    expect(seen).toEqual(['again'])
  })

  it('is safe twice, and before any start', async () => {
    const { network, start, stop, events } = makeNetwork()
    network.addNode('counter', counter())
    expect(await network.stop()).toEqual({ left: 0 })
    await start()
    expect(await Promise.all([stop(), stop()])).toEqual([{ left: 0 }, { left: 0 }])
    expect(events.filter(({ type }) => type === 'stopped')).toEqual([{ type: 'stopped', left: 0 }])
  })

  it('refuses messages from outside while it drains', async () => {
    const { network, start, stop, settle } = makeNetwork()
    const task = latch()
    const actor = defineActor({ name: 'Task', inports: { In: {} }, run: () => task.opened })
    network.addNode('task', actor)
    network.send('task', 'In', 1)
    await start()
    await settle()
    const stopping = stop()
    expect(() => network.send('task', 'In', 2)).toThrow(expect.objectContaining({ code: 'NETWORK_STATE' }))
    await expect(network.start()).rejects.toMatchObject({ code: 'NETWORK_STATE' })
    task.open()
    expect(await stopping).toEqual({ left: 0 })
  })

  it('lets a ring of nodes finish what is under way', async () => {
    const { network, start, settle } = makeNetwork()
    const answers: unknown[] = []
    const front = defineActor({
      name: 'Front',
      inports: { Answer: {} },
      outports: { Ask: {} },
      start({ send }) {
        send({ Ask: 'question' })
        return () => {
          answers.push('closed')
        }
      },
      run: ({ inputs }) => {
        answers.push(inputs.Answer)
      },
    })
    const task = latch<string>()
    const oracle = defineActor({
      name: 'Oracle',
      inports: { In: {} },
      outports: { Out: {} },
      run: async () => ({ Out: await task.opened }),
    })
    network.addNode('front', front)
    network.addNode('oracle', oracle)
    network.addWire(end('front.Ask'), end('oracle.In'))
    network.addWire(end('oracle.Out'), end('front.Answer'))
    await start()
    await settle()
    const stopping = network.stop()
    await settle()
    task.open('42')
    await settle()
    expect(await stopping).toEqual({ left: 0 })
    expect(answers).toEqual(['closed', '42'])
  })

  it('lets stop hooks finish even when it hurries', async () => {
    const { network, start, log, settle } = makeNetwork()
    const history: string[] = []
    const server = defineActor({
      name: 'Server',
      start: () => async () => {
        await new Promise((resolve) => setImmediate(resolve))
        history.push('closed')
      },
    })
    network.addNode('server', server)
    await start()
    const stopping = network.stop({ drainMs: 0 })
    await settle()
    expect(await stopping).toEqual({ left: 0 })
    expect(history).toEqual(['closed'])
    expect(log).toEqual([])
  })

  it('reports a stop hook that throws, and one that never ends, and stops all the same', async () => {
    const { network, start, stop, events, log } = makeNetwork()
    const bad = defineActor({
      name: 'Bad',
      start: () => () => {
        throw new Error('stuck door')
      },
    })
    const endless = defineActor({ name: 'Endless', start: () => () => new Promise<void>(() => {}) })
    network.addNode('bad', bad)
    network.addNode('endless', endless)
    await start()
    expect(await stop({ drainMs: 100 })).toEqual({ left: 0 })
    expect(events).toContainEqual(
      expect.objectContaining({ type: 'nodeFailed', node: 'bad', during: 'stop', reason: 'stuck door' }),
    )
    expect(log).toContainEqual(expect.objectContaining({ level: 'warn', node: 'endless' }))
  })
})
