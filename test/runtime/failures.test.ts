import * as v from 'valibot'
import { describe, expect, it } from 'vitest'
import { defineActor } from '../../src/runtime/index.ts'
import { collector, end, makeNetwork, relay } from './rig.ts'

/** Throws for the messages named, as often as said. */
function fragile(faults: Record<string, number>, kind: 'sync' | 'async') {
  const left = new Map(Object.entries(faults))
  const check = (input: string) => {
    const times = left.get(input) ?? 0
    left.set(input, times - 1)
    if (times > 0) throw new Error(`cannot stand ${input}`)
    return { Out: input }
  }
  return defineActor({
    name: 'Fragile',
    inports: { In: { kind: 'string' } },
    outports: { Out: {} },
    run: kind === 'sync' ? ({ inputs }) => check(inputs.In ?? '') : async ({ inputs }) => check(inputs.In ?? ''),
  })
}

describe.each(['sync', 'async'] as const)('a %s behaviour that throws', (kind) => {
  async function runFragile(faults: Record<string, number>) {
    const rig = makeNetwork()
    const { actor, seen } = collector()
    rig.network.addNode('fragile', fragile(faults, kind))
    rig.network.addNode('sink', actor)
    rig.network.addWire(end('fragile.Out'), end('sink.In'))
    for (const text of ['a', 'b', 'c']) rig.network.send('fragile', 'In', text)
    await rig.start()
    // The second retry waits.
    await rig.platform.advance(20)
    return { ...rig, seen }
  }

  it('gets its message again, in its place', async () => {
    const { seen, node, network, events } = await runFragile({ b: 2 })
    expect(seen).toEqual(['a', 'b', 'c'])
    expect(network.deadLetters()).toEqual([])
    expect(node('fragile')).toMatchObject({ errors: 2, deadLetters: 0, received: 3, lastError: 'cannot stand b' })
    expect(events.filter(({ type }) => type === 'nodeFailed')).toMatchObject([
      { node: 'fragile', during: 'run', attempt: 1, reason: 'cannot stand b' },
      { node: 'fragile', during: 'run', attempt: 2 },
    ])
  })

  it('loses it to the dead letters at the third time, and those behind it go on', async () => {
    const { seen, node, network, events } = await runFragile({ b: 9 })
    expect(seen).toEqual(['a', 'c'])
    expect(network.deadLetters()).toMatchObject([
      { sequence: 1, code: 'BEHAVIOUR_FAILED', node: 'fragile', port: 'In', preview: '{"type":"String","data":"b"}' },
    ])
    expect(network.deadLetters()[0]?.reason).toBe('failed 3 times, last with: cannot stand b')
    expect(node('fragile')).toMatchObject({ errors: 3, deadLetters: 1 })
    expect(network.snapshot().deadLetters).toBe(1)
    expect(events.filter(({ type }) => type === 'deadLetter')).toHaveLength(1)
  })

  it('may reject a message, which is no failure of the node', async () => {
    const { network, start, settle, node } = makeNetwork()
    const { actor, seen } = collector()
    const picky = defineActor({
      name: 'Picky',
      inports: { In: { kind: 'integer' } },
      outports: { Out: {} },
      run({ inputs, reject }) {
        const value = Number(inputs.In)
        if (value % 2 === 1) reject(`${value} is odd`)
        if (value === 3) throw new Error('and bad')
        const outputs = value % 2 === 0 ? { Out: value } : {}
        return kind === 'sync' ? outputs : Promise.resolve(outputs)
      },
    })
    network.addNode('picky', picky)
    network.addNode('sink', actor)
    network.addWire(end('picky.Out'), end('sink.In'))
    for (const value of [0, 1, 2, 3, 4]) network.send('picky', 'In', value)
    await start()
    await settle()
    expect(seen).toEqual([0, 2, 4])
    expect(network.deadLetters().map(({ code, reason, preview }) => [code, reason, preview])).toEqual([
      ['REJECTED', '1 is odd', '{"type":"Integer","data":1}'],
      ['REJECTED', '3 is odd', '{"type":"Integer","data":3}'],
    ])
    expect(node('picky')).toMatchObject({ errors: 1, deadLetters: 2 })
  })

  it('makes one dead letter of a first message that it rejects and then fails at', async () => {
    const { network, start, settle } = makeNetwork()
    const picky = defineActor({
      name: 'Picky',
      inports: { In: {} },
      run({ reject }) {
        reject('not for us')
        if (kind === 'sync') throw new Error('and bad')
        return Promise.reject(new Error('and bad'))
      },
    })
    network.addNode('picky', picky)
    network.send('picky', 'In', 1)
    await start()
    await settle()
    expect(network.deadLetters().map(({ code }) => code)).toEqual(['REJECTED'])
  })

  it('has a set of messages tried again as one', async () => {
    const { network, start, platform } = makeNetwork()
    const join = defineActor({
      name: 'Join',
      inports: { A: {}, B: {} },
      firing: 'all',
      run() {
        if (kind === 'sync') throw new Error('no')
        return Promise.reject(new Error('no'))
      },
    })
    network.addNode('join', join)
    network.send('join', 'A', 1)
    network.send('join', 'B', 2)
    await start()
    await platform.advance(20)
    expect(network.deadLetters().map(({ port, preview }) => [port, preview])).toEqual([
      ['A', '{"type":"Integer","data":1}'],
      ['B', '{"type":"Integer","data":2}'],
    ])
  })
})

describe('messages that do not fit the schema of their inport', () => {
  const record = v.object({
    size: v.pipe(
      v.number(),
      v.transform((size) => size * 2),
    ),
  })

  it('become dead letters at once, and the others arrive as the schema gives them', async () => {
    const { network, start, settle, node } = makeNetwork()
    const seen: number[] = []
    const strict = defineActor({
      name: 'Strict',
      inports: { In: { schema: record } },
      run: ({ inputs }) => {
        if (inputs.In) seen.push(inputs.In.size)
      },
    })
    network.addNode('strict', strict)
    for (const message of [{ size: 1 }, { size: 'big' }, 7, { size: 3 }]) network.send('strict', 'In', message)
    await start()
    await settle()
    expect(seen).toEqual([2, 6])
    expect(node('strict')).toMatchObject({ errors: 0, deadLetters: 2 })
    const [first] = network.deadLetters()
    expect(first).toMatchObject({ code: 'MESSAGE_INVALID', preview: '{"type":"Object","data":{"size":"big"}}' })
    expect(first?.reason).toMatch(/field "size".*number/)
  })

  it('take the rest of their set with them, so that later ones still pair up', async () => {
    const { network, start, settle } = makeNetwork()
    const { actor, seen } = collector()
    const join = defineActor({
      name: 'Join',
      inports: { A: { schema: v.number() }, B: {} },
      outports: { Out: {} },
      firing: 'all',
      run: ({ inputs }) => ({ Out: [inputs.A, inputs.B] }),
    })
    network.addNode('join', join)
    network.addNode('sink', actor)
    network.addWire(end('join.Out'), end('sink.In'))
    ;[1, 'two', 3].forEach((value, index) => {
      network.send('join', 'A', value)
      network.send('join', 'B', index)
    })
    await start()
    await settle()
    expect(seen).toEqual([
      [1, 0],
      [3, 2],
    ])
    expect(network.deadLetters().map(({ port, code }) => [port, code])).toEqual([
      ['A', 'MESSAGE_INVALID'],
      ['B', 'MESSAGE_INVALID'],
    ])
  })

  it('are refused with a reason when the schema is asynchronous or throws', async () => {
    const { network, start, settle } = makeNetwork()
    const schemas = [
      v.pipeAsync(
        v.number(),
        v.checkAsync(async () => true),
      ),
      v.pipe(
        v.number(),
        v.check(() => {
          throw new Error('schema broken')
        }),
      ),
    ]
    schemas.forEach((schema, index) => {
      network.addNode(`n${index}`, defineActor({ name: `N${index}`, inports: { In: { schema } }, run() {} }))
      network.send(`n${index}`, 'In', 1)
    })
    await start()
    await settle()
    expect(network.deadLetters().map(({ reason }) => reason)).toEqual([
      expect.stringContaining('asynchronous'),
      expect.stringContaining('schema broken'),
    ])
  })
})

describe('an output to a port that does not exist', () => {
  it('is a failure and a dead letter, and the other outputs arrive', async () => {
    const { network, start, settle, node } = makeNetwork()
    const { actor, seen } = collector()
    const sloppy = defineActor({
      name: 'Sloppy',
      inports: { In: {} },
      outports: { Out: {} },
      run: () => ({ Outt: 1, Out: 2 }) as { Out: number },
    })
    network.addNode('sloppy', sloppy)
    network.addNode('sink', actor)
    network.addWire(end('sloppy.Out'), end('sink.In'))
    network.send('sloppy', 'In', 0)
    await start()
    await settle()
    expect(seen).toEqual([2])
    expect(node('sloppy')).toMatchObject({ errors: 1, lastError: expect.stringContaining('"Outt"') })
    expect(network.deadLetters()).toMatchObject([{ code: 'PORT_UNKNOWN', source: 'sloppy.Outt' }])
  })
})

describe('dead letters', () => {
  const rejecter = defineActor({
    name: 'Rejecter',
    inports: { In: {} },
    run: ({ reject }) => reject('no '.repeat(1_000)),
  })

  it('are kept within their bounds, the oldest counted away', async () => {
    const { network, start, settle } = makeNetwork({ deadLetterLimit: { count: 3, bytes: 1_000_000 } })
    network.addNode('n', rejecter)
    for (let value = 0; value < 10; value++) network.send('n', 'In', value)
    await start()
    await settle()
    expect(network.deadLetters().map(({ sequence }) => sequence)).toEqual([8, 9, 10])
    expect(network.snapshot().deadLetters).toBe(10)
  })

  it('are kept within their bytes', async () => {
    const { network, start, settle } = makeNetwork({ deadLetterLimit: { count: 1_000, bytes: 10_000 } })
    network.addNode('n', rejecter)
    for (let value = 0; value < 10; value++) network.send('n', 'In', 'x'.repeat(5_000))
    await start()
    await settle()
    const kept = network.deadLetters()
    expect(kept.length).toBeGreaterThan(0)
    expect(kept.length).toBeLessThan(5)
    for (const { reason, preview } of kept) expect(reason.length + preview.length).toBeLessThanOrEqual(1_500)
  })

  it('show the beginning of any message, however large or odd', async () => {
    const { network, start, settle } = makeNetwork()
    network.addNode('n', rejecter)
    const ring: Record<string, unknown> = {}
    ring['self'] = ring
    const deep = Array.from({ length: 300 }).reduce<unknown>((inner) => [inner], 1)
    const odd = [
      ring,
      deep,
      new Uint8Array(5_000_000),
      { run: () => 1 },
      Array.from({ length: 100_000 }, () => 'x'),
      NaN,
      2n ** 70n,
      null,
    ]
    const begun = performance.now()
    for (const message of odd) network.send('n', 'In', message)
    await start()
    await settle()
    expect(performance.now() - begun).toBeLessThan(1_000)
    expect(network.deadLetters()).toHaveLength(odd.length)
    for (const { preview } of network.deadLetters()) {
      expect(preview).toMatch(/^\{"type":/)
      expect(preview.length).toBeLessThanOrEqual(500)
    }
  })
})

describe('a listener that throws', () => {
  it('is reported, and the others still hear', async () => {
    const { network, log, start } = makeNetwork()
    const heard: string[] = []
    const undo = network.subscribe(() => {
      throw new Error('deaf')
    })
    network.subscribe(({ type }) => heard.push(type))
    await start()
    expect(heard).toEqual(['started'])
    expect(log).toMatchObject([{ level: 'error', text: expect.stringMatching(/"started".*deaf/) }])
    undo()
    network.addNode('n', relay)
    expect(log).toHaveLength(1)
    expect(heard).toContain('nodeAdded')
  })
})
