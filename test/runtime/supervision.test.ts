import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { defineActor } from '../../src/runtime/index.ts'
import { collector, end, makeNetwork } from './rig.ts'

/** Counts in its state and fails at the messages named, as often as said. */
function counting(faults: ReadonlyMap<number, number>, kind: 'sync' | 'async', life: string[] = []) {
  const left = new Map(faults)
  const answer = (input: number, state: { count: number }) => {
    const times = left.get(input) ?? 0
    left.set(input, times - 1)
    if (times > 0) throw new Error(`cannot stand ${input}`)
    state.count++
    return { Out: input, Count: state.count }
  }
  return defineActor({
    name: 'Counting',
    inports: { In: { kind: 'integer' } },
    outports: { Out: {}, Count: {} },
    state: () => ({ count: 0 }),
    start() {
      life.push('start')
      return () => void life.push('stop')
    },
    run:
      kind === 'sync'
        ? ({ inputs, state }) => answer(Number(inputs.In), state)
        : async ({ inputs, state }) => answer(Number(inputs.In), state),
  })
}

function supervised(options: Record<string, unknown>, faults: [number, number][], kind: 'sync' | 'async') {
  const rig = makeNetwork()
  const life: string[] = []
  const out = collector()
  const count = collector()
  rig.network.addNode('node', counting(new Map(faults), kind, life), { metadata: { millrace: options } })
  rig.network.addNode('out', out.actor)
  rig.network.addNode('count', count.actor)
  rig.network.addWire(end('node.Out'), end('out.In'))
  rig.network.addWire(end('node.Count'), end('count.In'))
  return { ...rig, life, out: out.seen, counts: count.seen }
}

describe.each(['sync', 'async'] as const)('a supervised node with a %s behaviour', (kind) => {
  it.each([
    ['again', { retry: { attempts: 4, minDelayMs: 100 } }],
    ['a restart', { supervision: { strategy: 'restart', minDelayMs: 100 } }],
  ])('is not busy while its message waits to be tried %s', async (_, options) => {
    const rig = supervised(options, [[1, 2]], kind)
    rig.network.send('node', 'In', 1)
    await rig.start()
    await rig.platform.advance(74)
    expect(rig.node('node')).toMatchObject({ busyMs: 0, received: 1 })
    for (let tried = 0; tried < 6; tried++) await rig.platform.advance(1_000)
    expect(rig.node('node')).toMatchObject({ busyMs: 0, deadLetters: 0 })
    expect(rig.out).toEqual([1])
  })

  it('that resumes waits longer before each try, and nothing overtakes its message', async () => {
    const rig = supervised({ retry: { attempts: 4, minDelayMs: 100 } }, [[2, 3]], kind)
    for (const value of [1, 2, 3]) rig.network.send('node', 'In', value)
    await rig.start()
    expect(rig.out).toEqual([1])
    expect(rig.node('node')).toMatchObject({ errors: 2 })
    // Chance is a half here, so a wait is three quarters of what it could be.
    await rig.platform.advance(74)
    expect(rig.node('node')).toMatchObject({ errors: 2 })
    await rig.platform.advance(1)
    expect(rig.node('node')).toMatchObject({ errors: 3 })
    await rig.platform.advance(149)
    expect(rig.out).toEqual([1])
    await rig.platform.advance(1)
    expect(rig.out).toEqual([1, 2, 3])
    expect(rig.counts).toEqual([1, 2, 3])
    expect(rig.platform.timers).toBe(0)
  })

  it('that restarts gets fresh state and its message again, after a wait', async () => {
    const rig = supervised({ supervision: 'restart' }, [[2, 1]], kind)
    for (const value of [1, 2, 3]) rig.network.send('node', 'In', value)
    await rig.start()
    expect(rig.out).toEqual([1])
    expect(rig.events).toContainEqual({
      type: 'nodeRestarting',
      node: 'node',
      delayMs: 75,
      restarts: 1,
      reason: 'cannot stand 2',
    })
    await rig.platform.advance(75)
    expect(rig.out).toEqual([1, 2, 3])
    expect(rig.counts).toEqual([1, 1, 2])
    expect(rig.life).toEqual(['start', 'stop', 'start'])
  })

  it('that restarts too often is parked with its cause, until somebody restarts it', async () => {
    const options = { supervision: { strategy: 'restart', maxRestarts: 2, withinMs: 60_000 } }
    const rig = supervised(options, [[2, 3]], kind)
    for (const value of [1, 2, 3]) rig.network.send('node', 'In', value)
    await rig.start()
    for (let round = 0; round < 4; round++) await rig.platform.advance(500)
    expect(rig.node('node')).toMatchObject({ state: 'parked', queued: 1, deadLetters: 1 })
    expect(rig.events.find(({ type }) => type === 'nodeParked')).toMatchObject({
      reason: 'failed again after 2 restarts within 60 s: cannot stand 2',
    })
    const restarted = rig.network.restartNode('node')
    await rig.settle()
    await restarted
    expect(rig.out).toEqual([1, 3])
    expect(rig.node('node').state).toBe('running')
  })

  it('that stops keeps what waits for it, and escalates only when it is told to', async () => {
    for (const strategy of ['stop', 'escalate']) {
      const rig = supervised({ supervision: strategy, retry: { attempts: 1 } }, [[2, 1]], kind)
      for (const value of [1, 2, 3]) rig.network.send('node', 'In', value)
      await rig.start()
      await rig.settle()
      expect(rig.out).toEqual([1])
      expect(rig.node('node')).toMatchObject({ state: 'failed', queued: 1 })
      expect(rig.life).toEqual(['start', 'stop'])
      expect(rig.network.deadLetters()).toMatchObject([{ code: 'BEHAVIOUR_FAILED' }])
      const escalations = rig.events.filter(({ type }) => type === 'escalated')
      expect(escalations).toHaveLength(strategy === 'escalate' ? 1 : 0)
    }
  })

  it('that is stopped while it waits leaves no timer, and its message is a dead letter', async () => {
    const supervision = { strategy: 'restart', minDelayMs: 10_000 }
    for (const options of [{ supervision }, { retry: { minDelayMs: 10_000 } }]) {
      const rig = supervised(options, [[2, 9]], kind)
      for (const value of [1, 2, 3]) rig.network.send('node', 'In', value)
      await rig.start()
      await rig.settle()
      const stopping = rig.network.stop({ drainMs: 0 })
      await rig.platform.advance(500)
      expect(await stopping).toEqual({ left: 2 })
      expect(rig.network.deadLetters()).toMatchObject([{ code: 'NETWORK_STATE' }])
      expect(rig.platform.timers).toBe(0)
    }
  })

  it('processes every message once and in order, or makes it one dead letter, however it fails', async () => {
    const runs = fc.record({
      faults: fc.array(fc.nat(5), { minLength: 1, maxLength: 15 }),
      attempts: fc.integer({ min: 1, max: 4 }),
      strategy: fc.constantFrom('resume', 'restart'),
      parallel: fc.integer({ min: 1, max: 3 }),
    })
    await fc.assert(
      fc.asyncProperty(runs, async ({ faults, attempts, strategy, parallel }) => {
        const supervision = { strategy, maxRestarts: 1_000 }
        const pairs = faults.map((times, index): [number, number] => [index, times])
        const rig = supervised({ supervision, retry: { attempts }, parallel }, pairs, kind)
        for (const index of faults.keys()) rig.network.send('node', 'In', index)
        await rig.start()
        for (let round = 0; round < 100 && rig.out.length + rig.node('node').deadLetters < faults.length; round++)
          await rig.platform.advance(60_000)
        const good = [...faults.keys()].filter((index) => (faults[index] ?? 0) < attempts)
        expect(rig.out).toEqual(good)
        const buried = rig.network.deadLetters().map(({ preview }) => JSON.parse(preview).data as number)
        expect(buried.sort((one, other) => one - other)).toEqual(
          [...faults.keys()].filter((index) => !good.includes(index)),
        )
      }),
      { numRuns: 40 },
    )
  })
})

describe('a source', () => {
  it('that fails after it has begun starts again when it is supervised so', async () => {
    const rig = makeNetwork()
    let starts = 0
    const source = defineActor({
      name: 'Source',
      outports: { Out: {} },
      async start({ send }) {
        starts++
        await send({ Out: starts })
        await Promise.resolve()
        if (starts < 3) throw new Error('the line broke')
      },
    })
    const { actor, seen } = collector()
    rig.network.addNode('source', source, { metadata: { millrace: { supervision: 'restart' } } })
    rig.network.addNode('sink', actor)
    rig.network.addWire(end('source.Out'), end('sink.In'))
    await rig.start()
    for (let round = 0; round < 3; round++) await rig.platform.advance(1_000)
    expect(seen).toEqual([1, 2, 3])
    expect(rig.node('source').state).toBe('running')
  })
})

describe('a run with a deadline', () => {
  it('that takes too long is a failure, its signal aborts, and its late result goes nowhere', async () => {
    const { network, platform, settle, start } = makeNetwork()
    const { actor, seen } = collector()
    const aborted: unknown[] = []
    const late: ((value: unknown) => void)[] = []
    const slow = defineActor({
      name: 'Slow',
      inports: { In: {} },
      outports: { Out: {} },
      run({ inputs, signal }) {
        signal.addEventListener('abort', () => aborted.push(inputs.In))
        return new Promise<{ Out: unknown }>((resolve) => late.push(() => resolve({ Out: inputs.In })))
      },
    })
    network.addNode('slow', slow, { metadata: { millrace: { deadlineMs: 50, retry: { attempts: 1 } } } })
    network.addNode('sink', actor)
    network.addWire(end('slow.Out'), end('sink.In'))
    for (const value of [1, 2]) network.send('slow', 'In', value)
    await start()
    await platform.advance(50)
    expect(aborted).toEqual([1])
    expect(network.deadLetters()).toMatchObject([{ code: 'TIMEOUT', preview: '{"type":"Integer","data":1}' }])
    late[0]?.(undefined)
    late[1]?.(undefined)
    await settle()
    expect(seen).toEqual([2])
    expect(platform.timers).toBe(0)
  })
})
