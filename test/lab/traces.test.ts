import { context, trace } from '@opentelemetry/api'
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base'
import * as fc from 'fast-check'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { formatFile } from '../../src/graph/index.ts'
import { DistributedNetwork, openLab, type Lab } from '../../src/lab/index.ts'
import { TraceStore } from '../../src/lab/traces/trace-store.ts'
import { createValueCodec, TracedMessage } from '../../src/peer/index.ts'
import { defineActor } from '../../src/runtime/index.ts'
import type { TraceSpan } from '../../src/shared/index.ts'
import { graph, wire } from '../graph/fixtures.ts'

const double = defineActor({
  name: 'Double',
  inports: { Input: { kind: 'integer' } },
  outports: { Output: { kind: 'integer' } },
  run: ({ inputs }) => ({ Output: Number(inputs.Input) * 2 }),
})

/** Two linked networks: what goes into `entry` of the first comes out of `double` of the second and back to `sink` of the first. */
async function withTwo(act: (near: DistributedNetwork, arrived: (count: number) => Promise<void>) => Promise<void>) {
  const far = new DistributedNetwork({ networkId: 'far', instanceId: '1', authToken: 't' })
  const near = new DistributedNetwork({ networkId: 'near', instanceId: '1' })
  far.registerLocalActor('double', double, {}, { exported: true })
  near.registerLocalActor('entry', double)
  let got = 0
  let check = () => {}
  near.registerLocalActor(
    'sink',
    defineActor({ name: 'Sink', inports: { Input: {} }, run: () => (got++, void setImmediate(() => check())) }),
  )
  try {
    await far.start()
    await near.start()
    await near.connectToNetwork(far.address ?? '', { token: 't' })
    const remote = await near.registerRemoteActor('double', 'far')
    near.connect({ node: 'entry', port: 'Output' }, { node: remote, port: 'Input' })
    near.connect({ node: remote, port: 'Output' }, { node: 'sink', port: 'Input' })
    await act(near, (count) => new Promise((resolve) => (check = () => got >= count && resolve())))
  } finally {
    await Promise.all([near.shutdown({ drainMs: 0 }), far.shutdown({ drainMs: 0 })])
  }
}

describe('a message that is followed over a link', () => {
  it('is one trace of OpenTelemetry where a provider is registered, there and back', async () => {
    const exporter = new InMemorySpanExporter()
    const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] })
    trace.setGlobalTracerProvider(provider)
    try {
      await withTwo(async (near, arrived) => {
        const all = arrived(1)
        near.local.send('entry', 'Input', 21)
        await all
      })
      const spans = exporter.getFinishedSpans()
      const byId = new Map(spans.map((span) => [span.spanContext().spanId, span]))
      const sink = spans.find(({ name }) => name === 'process sink.Input')
      const names: string[] = []
      for (let span = sink; span !== undefined; span = byId.get(span.parentSpanContext?.spanId ?? ''))
        names.push(span.name)
      expect(names).toEqual([
        'process sink.Input',
        expect.stringMatching(/^process double\.Output → near\/1\.Input$/),
        'process double.Input',
        'process double@far.Input',
        'process entry.Input',
        'emit Input',
      ])
      expect(sink?.attributes).toMatchObject({ 'millrace.actor': 'Sink', 'messaging.system': 'millrace' })
      expect(new Set(spans.map((span) => span.spanContext().traceId)).size).toBe(1)
    } finally {
      trace.disable()
      context.disable()
      await provider.shutdown()
    }
  })

  it('is followed as far as networks do, and arrives whole where one does not', async () => {
    await withTwo(async (near, arrived) => {
      const spans: string[] = []
      const stop = near.followMessages({ oneIn: 1, record: ({ kind, node }) => spans.push(`${kind} ${node}`) })
      const all = arrived(1)
      near.local.send('entry', 'Input', 1)
      await all
      // What comes back has no trace, so that it begins one, as all does that comes from elsewhere.
      expect(spans.sort()).toEqual(['emit ', 'emit double@far', 'process double@far', 'process entry', 'process sink'])
      stop()
      const more: string[] = []
      const stopMore = near.followMessages({ oneIn: 1, linksBegin: false, record: ({ node }) => more.push(node) })
      const two = arrived(2)
      near.local.send('entry', 'Input', 1)
      await two
      expect(more.sort()).toEqual(['', 'double@far', 'entry'])
      stopMore()
    })
  })

  it('comes out of the codec as it went in, and a header that is none costs it nothing else', () => {
    const codec = createValueCodec()
    const back = (value: unknown) => codec.decodeAll(codec.encode(value))[0]
    const hex = (length: number) => fc.stringMatching(new RegExp(`^[0-9a-f]{${length - 1}}[1-9a-f]$`))
    fc.assert(
      fc.property(
        fc.oneof(
          fc.integer(),
          fc.string(),
          fc.array(fc.integer()),
          fc.record({ day: fc.integer(), text: fc.string() }),
        ),
        hex(32),
        hex(16),
        fc.option(fc.string(), { nil: undefined }),
        (value, traceId, span, state) => {
          const message = new TracedMessage(value, `00-${traceId}-${span}-01`, state)
          expect(JSON.stringify(back(message))).toBe(JSON.stringify(message))
          expect(back(message)).toBeInstanceOf(TracedMessage)
        },
      ),
      { numRuns: 50 },
    )
    for (const parent of ['', '00-zz-1-01', `00-${'0'.repeat(32)}-${'1'.repeat(16)}-01`])
      expect(back(new TracedMessage({ a: 1 }, parent))).toEqual({ a: 1 })
  })
})

describe('the traces of a lab', () => {
  let folder: string
  let lab: Lab
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'millrace-traces-'))
    const made = graph({ count: 'Counter', out: 'Counter' }, [wire('count.Count', 'out.Input')])
    writeFileSync(path.join(folder, 'g.graph.json'), formatFile(made))
    const instances = [{ networkId: 'n', instanceId: '1', graph: 'g.graph.json', isolation: 'inline' }]
    writeFileSync(path.join(folder, 'a.lab.json'), JSON.stringify({ millrace: 1, instances }))
    lab = openLab({
      file: path.join(folder, 'a.lab.json'),
      door: 'none',
      workerFile: 'none',
      consent: 'granted',
      stateDir: folder,
    })
  })
  afterEach(async () => {
    await lab.abandon()
    rmSync(folder, { recursive: true })
  })

  it('hold what one message did, also of an instance that starts after it was asked for, until it is asked for no more', async () => {
    await lab.traces.follow({ oneIn: 1 })
    await lab.start('n/1')
    await lab.send('n/1', 'count', 'Input', { type: 'Integer', data: 1 })
    await lab.stop('n/1')
    const [summary] = lab.traces.store.list({})
    expect(summary).toMatchObject({ spans: 3, instances: ['n/1'], node: '', port: 'Input', failures: 0 })
    const spans = lab.traces.store.get(summary?.traceId ?? '')
    expect(spans.map(({ kind, node }) => `${kind} ${node}`)).toEqual(['emit ', 'process count', 'process out'])
    expect(spans[2]?.parentId).toBe(spans[1]?.spanId)
    await lab.traces.follow({ oneIn: 0 })
    await lab.start('n/1')
    await lab.send('n/1', 'count', 'Input', { type: 'Integer', data: 1 })
    await lab.stop('n/1')
    expect(lab.traces.store.list({})).toHaveLength(1)
    expect(lab.traces.following()).toEqual([])
    await expect(lab.traces.follow({ oneIn: 1, instance: 'no/1' })).rejects.toMatchObject({ code: 'INSTANCE_UNKNOWN' })
  })

  it('hold the one message that was asked for, sent by hand or the next that comes, and say when none does', async () => {
    const data = { type: 'Integer', data: 1 } as const
    await expect(lab.traces.followNext('n/1', { node: 'out' }, 1_000)).rejects.toMatchObject({ code: 'INSTANCE_STATE' })
    await lab.start('n/1')
    await lab.send('n/1', 'count', 'Input', data)
    const sent = await lab.traces.send('n/1', { node: 'count', port: 'Input' }, data)
    const next = lab.traces.followNext('n/1', { wire: 'count.Count -> out.Input' }, 10_000)
    // The way of a message that is followed already is the same, wherever it is waited for.
    const other = lab.traces.followNext('n/1', { node: 'out', port: 'Input' }, 10_000)
    await lab.send('n/1', 'count', 'Input', data)
    const { traceId } = await next
    expect(await other).toEqual({ traceId })
    await lab.send('n/1', 'count', 'Input', data)
    await expect(lab.traces.followNext('n/1', { node: 'count' }, 100)).rejects.toMatchObject({ code: 'MESSAGE_GONE' })
    await expect(lab.traces.followNext('n/1', { node: 'no' }, 100)).rejects.toMatchObject({ code: 'NODE_UNKNOWN' })
    const last = lab.traces.followNext('n/1', { node: 'count' }, 60_000)
    const refused = expect(last).rejects.toMatchObject({ code: expect.stringMatching(/CANCELLED|INSTANCE_STATE/) })
    await lab.stop('n/1')
    await refused
    const names = (id = '') => lab.traces.store.get(id).map(({ kind, node }) => `${kind} ${node}`)
    expect(names(sent)).toEqual(['emit ', 'process count', 'process out'])
    expect(names(traceId)).toEqual(['emit count', 'process out'])
    expect(lab.traces.store.list({})).toHaveLength(2)
    lab.traces.store.clear()
    expect(lab.traces.store.list({})).toEqual([])
  })

  it('are bounded, and say what they do not hold', () => {
    const store = new TraceStore()
    const span = (traceId: string, spanId: string): TraceSpan => ({
      traceId,
      spanId,
      instance: 'n/1',
      kind: 'process',
      node: 'a',
      actor: 'A',
      port: 'In',
      startMs: 0,
      waitMs: 0,
      durationMs: 1,
    })
    store.add(
      Array.from({ length: 300 }, (_, index) => span(`t${index}`, 's')),
      0,
    )
    store.add(
      Array.from({ length: 600 }, (_, index) => span('t299', `${index}`)),
      7,
    )
    expect(store.list({ limit: 1_000 })).toHaveLength(200)
    expect(store.list({ limit: 1 })).toMatchObject([{ traceId: 't299', spans: 500 }])
    expect(store.notKept).toBe(7 + 101)
    expect(() => store.get('t0')).toThrow(expect.objectContaining({ code: 'MESSAGE_GONE' }))
  })
})
