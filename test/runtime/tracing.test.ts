import { AsyncLocalStorage } from 'node:async_hooks'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { defineActor, type Cause, type SpanStart, type TracePlace, type Tracer } from '../../src/runtime/index.ts'
import { collector, end, latch, makeNetwork, relay } from './rig.ts'

interface Recorded extends SpanStart {
  traceId: string
  spanId: string
  endMs: number
  failure: string | undefined
}

/** Keeps every span; a trace begins at every `oneIn`th message that nothing caused. */
function recorder(oneIn = 1) {
  const scope = new AsyncLocalStorage<Cause>()
  const spans: Recorded[] = []
  let asked = 0
  let last = 0
  const tracer: Tracer = {
    begins: () => asked++ % oneIn === 0,
    active: () => scope.getStore(),
    aside: (run) => scope.run('unfollowed', run),
    start(start) {
      const spanId = `s${++last}`
      const context = { traceId: start.parent?.traceId ?? `t${last}`, spanId }
      return {
        context,
        within: (run) => scope.run(context, run),
        end: (endMs, failure) => spans.push({ ...start, ...context, endMs, failure }),
      }
    },
  }
  /** `node < node < …` up to where the trace began. */
  const pathOf = ({ node, parent }: Recorded): string => {
    const above = spans.find(({ spanId }) => spanId === parent?.spanId)
    return above === undefined ? node : `${node} < ${pathOf(above)}`
  }
  return { tracer, spans, paths: () => spans.map(pathOf).sort(), pathOf }
}

const source = defineActor({
  name: 'Source',
  inports: { Count: { kind: 'integer' } },
  outports: { Out: {} },
  async run({ inputs, send }) {
    for (let sent = 0; sent < Number(inputs.Count); sent++) await send({ Out: sent })
  },
})

describe('a followed message', () => {
  it('is known again at each node that it comes to, on every branch', async () => {
    const rig = makeNetwork()
    const { tracer, spans, paths } = recorder()
    rig.network.addNode('first', relay)
    rig.network.addNode('left', relay)
    rig.network.addNode('right', relay)
    rig.network.addNode('sink', collector().actor)
    for (const branch of ['left', 'right']) {
      rig.network.addWire(end('first.Out'), end(`${branch}.In`))
      rig.network.addWire(end(`${branch}.Out`), end('sink.In'))
    }
    rig.network.trace(tracer)
    await rig.start()
    rig.network.send('first', 'In', 1)
    await rig.settle()
    expect(paths()).toEqual([
      '',
      'first < ',
      'left < first < ',
      'right < first < ',
      'sink < left < first < ',
      'sink < right < first < ',
    ])
    expect(new Set(spans.map(({ traceId }) => traceId)).size).toBe(1)
  })

  it('of a source makes one trace on all its wires, and each message one of its own', async () => {
    const rig = makeNetwork()
    const { tracer, spans } = recorder()
    const ticks = defineActor({
      name: 'Ticks',
      outports: { Out: {} },
      start({ out }) {
        for (let count = 0; count < 3; count++) out.Out.send('same')
      },
    })
    rig.network.addNode('ticks', ticks)
    for (const sink of ['a', 'b']) {
      rig.network.addNode(sink, collector().actor)
      rig.network.addWire(end('ticks.Out'), end(`${sink}.In`))
    }
    rig.network.trace(tracer)
    await rig.start()
    await rig.settle()
    const traces = [...new Set(spans.map(({ traceId }) => traceId))]
    const nodesOf = (trace: string) => spans.filter(({ traceId }) => traceId === trace).map(({ node }) => node)
    expect(traces.map((trace) => nodesOf(trace).sort())).toEqual([
      ['a', 'b', 'ticks'],
      ['a', 'b', 'ticks'],
      ['a', 'b', 'ticks'],
    ])
  })

  it('is known through awaits, parallel runs that end in another order, and sends between them', async () => {
    const rig = makeNetwork()
    const { tracer, pathOf, spans } = recorder()
    const gates = [latch(), latch(), latch()]
    const slow = defineActor({
      name: 'Slow',
      inports: { In: { kind: 'integer' } },
      outports: { Out: {}, Early: {} },
      parallel: 3,
      async run({ inputs, send }) {
        await gates[Number(inputs.In)]?.opened
        await send({ Early: inputs.In })
        return { Out: inputs.In }
      },
    })
    rig.network.addNode('slow', slow)
    rig.network.addNode('sink', collector().actor)
    rig.network.addNode('early', collector().actor)
    rig.network.addWire(end('slow.Out'), end('sink.In'))
    rig.network.addWire(end('slow.Early'), end('early.In'))
    rig.network.trace(tracer)
    await rig.start()
    for (const value of [0, 1, 2]) rig.network.send('slow', 'In', value)
    await rig.settle()
    for (const gate of gates.toReversed()) {
      gate.open()
      await rig.settle()
    }
    const ends = spans.filter(({ node }) => node === 'sink' || node === 'early')
    expect(ends.map(pathOf).sort()).toEqual([...Array(3).fill('early < slow < '), ...Array(3).fill('sink < slow < ')])
    expect(new Set(ends.map(({ traceId, node }) => `${traceId} ${node}`)).size).toBe(6)
  })

  it('begins at the next message of a node, an inport or a wire that somebody waits for, in the middle of a network too', async () => {
    const rig = makeNetwork()
    const { tracer, spans, paths } = recorder(Infinity)
    rig.network.addNode('first', relay)
    rig.network.addNode('left', relay)
    rig.network.addNode('right', relay)
    rig.network.addWire(end('first.Out'), end('left.In'))
    rig.network.addWire(end('first.Out'), end('right.In'))
    const send = async (value: number) => {
      rig.network.send('first', 'In', value)
      await rig.settle()
    }
    const begun: string[] = []
    const next = (place: TracePlace) => rig.network.traceNext(place, ({ traceId }) => begun.push(traceId))
    expect(() => next({ node: 'left' })).toThrow(expect.objectContaining({ code: 'NETWORK_STATE' }))
    rig.network.trace(tracer)
    expect(() => next({ node: 'none' })).toThrow(expect.objectContaining({ code: 'NODE_UNKNOWN' }))
    expect(() => next({ wire: 'none' })).toThrow(expect.objectContaining({ code: 'WIRE_UNKNOWN' }))
    await rig.start()
    // The recorder begins with the first of all.
    await send(0)
    spans.length = 0
    await send(1)
    expect(spans).toEqual([])
    next({ node: 'left', port: 'In' })
    next({ wire: 'first.Out -> left.In' })
    const undo = next({ node: 'right', port: 'In', isFromOutside: true })
    await send(2)
    await send(3)
    // Every wire of an outport gets the message, so that both branches are of the trace; those who wait for the same share it.
    expect(paths()).toEqual(['first', 'left < first', 'right < first'])
    expect(begun).toEqual([spans[0]?.traceId, spans[0]?.traceId])
    undo()
    rig.network.send('right', 'In', 4)
    await rig.settle()
    expect(spans).toHaveLength(3)
    next({ node: 'first' })
    await send(5)
    expect(paths().slice(-3)).toEqual(['left < first < ', 'right < first', 'right < first < '])
    expect(begun).toHaveLength(3)
  })

  it('has a span for each try, with why it failed, and the waiting before the first', async () => {
    const rig = makeNetwork()
    const { tracer, spans } = recorder()
    let left = 2
    const fails = defineActor({
      name: 'Fails',
      inports: { In: {} },
      outports: { Out: {} },
      run({ inputs }) {
        rig.platform.timeMs += 10
        if (left-- > 0) throw new Error('not yet')
        return { Out: inputs.In }
      },
    })
    rig.network.addNode('fails', fails, { metadata: { millrace: { retry: { attempts: 3, minDelayMs: 100 } } } })
    rig.network.addNode('sink', collector().actor)
    rig.network.addWire(end('fails.Out'), end('sink.In'))
    rig.network.trace(tracer)
    rig.network.send('fails', 'In', 1)
    rig.platform.timeMs += 50
    await rig.start()
    // One that comes meanwhile is not taken for it.
    rig.network.send('fails', 'In', 2)
    await rig.platform.advance(1_000)
    const tries = spans.filter(({ node }) => node === 'fails')
    expect(tries.map(({ failure }) => failure)).toEqual(['not yet', 'not yet', undefined, undefined])
    expect(new Set(tries.slice(0, 3).map(({ parent }) => parent?.spanId)).size).toBe(1)
    expect(tries[3]?.traceId).not.toBe(tries[0]?.traceId)
    expect(tries[0]?.waitMs).toBe(50)
    expect(tries[0]).toMatchObject({ actor: 'Fails', port: 'In', kind: 'process' })
    expect((tries[0]?.endMs ?? 0) - (tries[0]?.startMs ?? 0)).toBeCloseTo(10)
    expect(spans.filter(({ node }) => node === 'sink')).toHaveLength(2)
  })

  it('is never taken for another, whatever waits are held, dropped, removed or expire', async () => {
    const step = fc.oneof(
      { weight: 6, arbitrary: fc.constant('send' as const) },
      { weight: 4, arbitrary: fc.constantFrom('settle' as const, 'remove' as const) },
      {
        weight: 5,
        arbitrary: fc.constantFrom(
          'pause' as const,
          'resume' as const,
          'time' as const,
          'break' as const,
          'clear' as const,
        ),
      },
    )
    const policy = fc.constantFrom(
      {},
      { policy: 'drop-oldest' },
      { policy: 'drop-newest' },
      { ttlMs: 30 },
      { policy: 'latest' },
    )
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), policy, async (steps, options) => {
        const rig = makeNetwork()
        const { tracer, spans } = recorder(3)
        const seen: { value: number; span: Cause | undefined }[] = []
        rig.network.addNode('first', relay)
        const sink = defineActor({
          name: 'Sink',
          inports: { In: {} },
          run: ({ inputs }) => void seen.push({ value: inputs.In as number, span: tracer.active() }),
        })
        rig.network.addNode('sink', sink)
        const wire = rig.network.addWire(end('first.Out'), end('sink.In'), { capacity: 4, ...options } as never)
        rig.network.trace(tracer)
        await rig.start()
        const isHeld = () => rig.network.wires.breakpoints().length > 0
        let next = 0
        for (const each of steps) {
          if (each === 'send') rig.network.send('first', 'In', next++)
          else if (each === 'settle') await rig.settle()
          else if (each === 'pause') rig.network.control.pause('sink')
          else if (each === 'resume') rig.network.control.resume('sink')
          else if (each === 'time') await rig.platform.advance(20)
          else if (each === 'break' && !isHeld()) rig.network.wires.setBreakpoint(wire, [])
          else if (each === 'break') rig.network.wires.clearBreakpoint(wire)
          else if (each === 'clear') rig.network.wires.clear(wire)
          else {
            await rig.settle()
            const [message] = rig.network.wires.peek(wire, { offset: 1, limit: 1 }).messages
            if (message !== undefined) rig.network.wires.remove(wire, message.id)
          }
        }
        if (isHeld()) rig.network.wires.clearBreakpoint(wire)
        rig.network.control.resume('sink')
        await rig.settle()
        // Each third message from outside is followed: the trace that it began is known by its number.
        const roots = spans.filter(({ kind }) => kind === 'emit')
        for (const { value, span } of seen)
          expect(span === 'unfollowed' ? undefined : span?.traceId).toBe(
            value % 3 === 0 ? roots[value / 3]?.traceId : undefined,
          )
      }),
      {
        numRuns: 60,
        examples: [
          [['send', 'send', 'pause', 'remove'], {}],
          [['break', 'send', 'send', 'send', 'remove', 'break'], {}],
        ],
      },
    )
  })

  it('leaves nothing behind when it is no longer followed', async () => {
    const rig = makeNetwork()
    const { tracer, spans } = recorder()
    rig.network.addNode('source', source)
    const undo = rig.network.trace(tracer)
    rig.network.addNode('sink', collector().actor)
    rig.network.addWire(end('source.Out'), end('sink.In'))
    await rig.start()
    rig.network.send('source', 'Count', 2)
    await rig.settle()
    expect(spans.map(({ node }) => node).sort()).toEqual(['', 'sink', 'sink', 'source'])
    undo()
    rig.network.send('source', 'Count', 2)
    await rig.settle()
    expect(spans).toHaveLength(4)
    expect(rig.node('sink').received).toBe(4)
  })
})
