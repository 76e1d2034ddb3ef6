import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { WireOptions } from '../../src/shared/index.ts'
import { defineActor } from '../../src/runtime/index.ts'
import { collector, end, makeNetwork } from './rig.ts'

/** A source that sends when the test says so, and a sink behind the wire under test. */
async function rigOf(options: WireOptions) {
  const rig = makeNetwork()
  const { actor, seen } = collector()
  let send: (value: unknown) => unknown = () => undefined
  const source = defineActor({
    name: 'Source',
    outports: { Out: { capacity: 1_000 } },
    start(context) {
      send = (value) => context.out.Out.send(value)
    },
  })
  rig.network.addNode('source', source)
  rig.network.addNode('sink', actor)
  const wire = rig.network.addWire(end('source.Out'), end('sink.In'), options)
  await rig.start()
  const snapshot = () => rig.network.snapshot().wires[0]
  return { ...rig, wire, seen, snapshot, send: (value: unknown) => send(value) }
}

const previews = (messages: readonly { preview: string }[]) =>
  messages.map(({ preview }) => JSON.parse(preview).data as unknown)

describe('a wire with a policy', () => {
  it.each([
    ['drop-oldest', [3, 4], 2],
    ['drop-newest', [1, 2], 2],
    ['latest', [4], 3],
    ['block', [1, 2, 3, 4], 0],
  ] as const)('that is %s keeps what it says and counts the rest', async (policy, kept, dropped) => {
    const { send, settle, seen, snapshot, network } = await rigOf({ policy, capacity: 2 })
    network.control.pause('sink')
    for (const value of [1, 2, 3, 4]) send(value)
    await settle()
    expect(snapshot()).toMatchObject({ dropped, queued: Math.min(2, kept.length) })
    network.control.resume('sink')
    await settle()
    expect(seen).toEqual(kept)
    expect(network.deadLetters()).toEqual([])
  })

  it('that samples lets one message in so many milliseconds pass', async () => {
    const { send, settle, seen, platform, snapshot } = await rigOf({ policy: 'sample', sampleMs: 100 })
    for (let value = 0; value < 10; value++) {
      send(value)
      await platform.advance(30)
    }
    await settle()
    expect(seen).toEqual([0, 4, 8])
    expect(snapshot()).toMatchObject({ dropped: 7, policy: 'sample' })
  })

  it('takes up another one while it runs, and other bounds', async () => {
    const { send, settle, network, wire, snapshot, seen } = await rigOf({ capacity: 2 })
    network.control.pause('sink')
    for (const value of [1, 2, 3]) send(value)
    expect(snapshot()).toMatchObject({ queued: 2 })
    network.wires.configure(wire, { capacity: 3, policy: 'drop-newest' })
    expect(snapshot()).toMatchObject({ queued: 3, capacity: 3, policy: 'drop-newest' })
    send(4)
    network.wires.configure(wire, {})
    expect(snapshot()).toMatchObject({ capacity: 1_024, dropped: 0 })
    send(5)
    network.control.resume('sink')
    await settle()
    expect(seen).toEqual([1, 2, 3, 5])
    expect(() => network.wires.configure(wire, { ttlMs: 0 })).toThrow(
      expect.objectContaining({ code: 'CONFIG_INVALID', message: expect.stringContaining('ttlMs') as string }),
    )
  })
})

describe('a wire with a time to live', () => {
  it('makes dead letters of what has waited too long, and of nothing else', async () => {
    const { send, platform, settle, network, seen, snapshot, stop } = await rigOf({ ttlMs: 100 })
    network.control.pause('sink')
    send('old')
    await platform.advance(60)
    send('young')
    await platform.advance(39)
    expect(network.deadLetters()).toEqual([])
    await platform.advance(1)
    expect(network.deadLetters()).toMatchObject([
      {
        code: 'MESSAGE_EXPIRED',
        node: 'sink',
        port: 'In',
        source: 'source.Out',
        preview: '{"type":"String","data":"old"}',
      },
    ])
    expect(snapshot()).toMatchObject({ queued: 1, expired: 1 })
    network.control.resume('sink')
    await settle()
    await platform.advance(60)
    expect(seen).toEqual(['young'])
    await stop()
    expect(platform.timers).toBe(0)
  })
})

describe('looking into a wire', () => {
  it('shows what waits without taking it, and takes out what it is told to', async () => {
    const { send, settle, network, wire, seen } = await rigOf({ capacity: 10 })
    network.control.pause('sink')
    for (const value of [1, 2, 3, 4, 5]) send(value)
    const first = network.wires.peek(wire, { limit: 3 })
    expect(first).toMatchObject({ queued: 5, held: 0 })
    expect(previews(first.messages)).toEqual([1, 2, 3])
    expect(previews(network.wires.peek(wire, { offset: 3 }).messages)).toEqual([4, 5])
    network.wires.remove(wire, first.messages[1]?.id ?? '')
    // Places have moved, so an older look no longer counts.
    expect(() => network.wires.remove(wire, first.messages[2]?.id ?? '')).toThrow(
      expect.objectContaining({ code: 'MESSAGE_GONE' }),
    )
    expect(previews(network.wires.peek(wire).messages)).toEqual([1, 3, 4, 5])
    network.control.step('sink')
    await settle()
    expect(seen).toEqual([1])
    expect(network.wires.clear(wire)).toBe(3)
    network.control.resume('sink')
    send(6)
    await settle()
    expect(seen).toEqual([1, 6])
  })
})

describe('a breakpoint', () => {
  it('holds what its conditions are for and all behind it, and lets go what it is told to', async () => {
    const { send, settle, network, wire, seen, events } = await rigOf({})
    network.wires.setBreakpoint(wire, [{ path: 'level', operator: 'greater', value: 5 }])
    for (const level of [1, 6, 2, 9, 3]) send({ level })
    await settle()
    const levels = () => seen.map((message) => (message as { level: number }).level)
    expect(levels()).toEqual([1])
    expect(network.wires.breakpoints()).toMatchObject([{ wire, held: 4 }])
    expect(events.filter(({ type }) => type === 'messageHeld')).toEqual([{ type: 'messageHeld', wire }])
    const [held] = network.wires.peek(wire).messages
    network.wires.replace(wire, held?.id ?? '', { level: 100 })
    expect(network.wires.release(wire)).toBe(2)
    await settle()
    expect(levels()).toEqual([1, 100, 2])
    network.wires.remove(wire, network.wires.peek(wire).messages[0]?.id ?? '')
    await settle()
    expect(levels()).toEqual([1, 100, 2, 3])
    send({ level: 7 })
    expect(network.wires.clearBreakpoint(wire)).toBe(1)
    await settle()
    expect(levels()).toEqual([1, 100, 2, 3, 7])
    expect(network.wires.breakpoints()).toEqual([])
  })

  it('stops the source when it has held as much as the wire may hold', async () => {
    const { send, settle, network, wire, node, seen } = await rigOf({ capacity: 3 })
    network.wires.setBreakpoint(wire)
    for (let value = 0; value < 5; value++) send(value)
    await settle()
    expect(node('source')).toMatchObject({ state: 'blocked', outbox: 2 })
    network.wires.clearBreakpoint(wire)
    await settle()
    expect(seen).toEqual([0, 1, 2, 3, 4])
  })
})

describe('a breakpoint on a wire that drops', () => {
  it.each([
    ['drop-oldest', [1, 3, 4], 1],
    ['latest', [1, 4], 2],
    ['drop-newest', [1, 2, 3], 1],
  ] as const)('keeps what it holds when the wire is %s', async (policy, kept, dropped) => {
    const { send, settle, network, wire, seen, snapshot } = await rigOf({ policy, capacity: 3 })
    network.wires.setBreakpoint(wire)
    const [held] = [1, 2, 3, 4].map((value) => {
      send(value)
      return network.wires.peek(wire).messages[0]?.value
    })
    expect(held).toBe(1)
    expect(network.wires.peek(wire).messages.map(({ value }) => value)).toEqual(kept)
    expect(snapshot()).toMatchObject({ dropped, queued: kept.length })
    network.wires.clearBreakpoint(wire)
    await settle()
    expect(seen).toEqual(kept)
  })
})

/** What may be done to a wire while messages go over it. */
const acts = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.record({ type: fc.constant('send' as const), count: fc.integer({ min: 1, max: 4 }) }) },
    { weight: 2, arbitrary: fc.record({ type: fc.constant('step' as const), count: fc.integer({ min: 1, max: 3 }) }) },
    fc.record({ type: fc.constantFrom('pause' as const, 'resume' as const, 'hold' as const, 'unhold' as const) }),
    fc.record({ type: fc.constantFrom('release' as const, 'settle' as const) }),
    fc.record({ type: fc.constant('remove' as const), at: fc.nat(8) }),
    fc.record({ type: fc.constant('resize' as const), capacity: fc.integer({ min: 1, max: 5 }) }),
  ),
  { minLength: 1, maxLength: 40 },
)

describe('any wire that blocks', () => {
  it('delivers in order, each once, all but what was taken out, whatever is done to it', async () => {
    await fc.assert(
      fc.asyncProperty(acts, fc.integer({ min: 1, max: 4 }), async (script, capacity) => {
        const { send, settle, network, wire, seen, snapshot } = await rigOf({ capacity })
        const removed = new Set<unknown>()
        let next = 0
        for (const act of script) {
          switch (act.type) {
            case 'send':
              for (let count = 0; count < act.count; count++) send(next++)
              break
            case 'step':
              network.control.step('sink', act.count)
              break
            case 'pause':
              network.control.pause('sink')
              break
            case 'resume':
              network.control.resume('sink')
              break
            case 'hold':
              network.wires.setBreakpoint(wire, [{ path: '', operator: 'greater', value: next }])
              break
            case 'unhold':
              network.wires.clearBreakpoint(wire)
              break
            case 'release':
              network.wires.release(wire)
              break
            case 'settle':
              await settle()
              break
            case 'remove': {
              const [message] = network.wires.peek(wire, { offset: act.at, limit: 1 }).messages
              if (message === undefined) break
              removed.add(message.value)
              network.wires.remove(wire, message.id)
              break
            }
            case 'resize':
              network.wires.configure(wire, { capacity: act.capacity })
              break
          }
          const content = network.wires.peek(wire, { limit: 100 })
          expect(content.messages.map(({ value }) => value)).toEqual(
            content.messages.map(({ value }) => value).sort((one, other) => Number(one) - Number(other)),
          )
          expect(snapshot()?.queued).toBe(content.queued + content.held)
        }
        network.wires.clearBreakpoint(wire)
        network.control.resume('sink')
        await settle()
        const expected = Array.from({ length: next }, (_, value) => value).filter((value) => !removed.has(value))
        expect(seen).toEqual(expected)
        expect(snapshot()).toMatchObject({ queued: 0, queuedBytes: 0 })
      }),
      { numRuns: 60 },
    )
  })
})

/** What a wire with a breakpoint should be: a queue, a pen before it, and whom each of them turns away. */
class WireModel {
  readonly queue: number[] = []
  readonly pen: number[] = []
  readonly taken: number[] = []
  dropped = 0
  /** Messages that are divisible by it are held; all by 1; `undefined` holds none. */
  held: number | undefined
  readonly policy: string
  readonly capacity: number

  constructor(policy: string, capacity: number) {
    this.policy = policy
    this.capacity = capacity
  }

  send(value: number): void {
    const isPenned = this.held !== undefined && (this.pen.length > 0 || this.#holds(value))
    const into = isPenned ? this.pen : this.queue
    // The first in the pen is looked at by somebody and stays.
    const kept = isPenned ? 1 : 0
    const leaves =
      { 'drop-oldest': this.capacity - 1, latest: 0, 'drop-newest': Infinity, block: Infinity }[this.policy] ?? 0
    const gone = into.splice(kept, Math.max(0, into.length - Math.max(kept, leaves)))
    this.dropped += gone.length
    const isFull =
      into.length >= this.capacity && (this.policy === 'drop-newest' || (this.policy !== 'block' && isPenned))
    if (isFull) this.dropped++
    else into.push(value)
  }

  step(count: number): void {
    this.taken.push(...this.queue.splice(0, count))
  }

  release(count: number): number {
    const before = this.pen.length
    for (let left = count; left > 0 && this.pen.length > 0; left--) {
      this.#letGo()
      this.#flow()
    }
    return before - this.pen.length
  }

  remove(place: number): void {
    const waiting = Math.min(this.queue.length, this.capacity)
    if (place < waiting) this.queue.splice(place, 1)
    else this.pen.splice(place - waiting, 1)
    if (place === waiting) this.#flow()
  }

  /** What can be seen: what lies beyond the capacity waits in the outbox of the source still. */
  get content(): number[] {
    return [...this.queue.slice(0, this.capacity), ...this.pen.slice(0, this.capacity)]
  }

  #holds(value: number): boolean {
    return this.held !== undefined && value % this.held === 0
  }

  #letGo(): void {
    this.queue.push(...this.pen.splice(0, 1))
  }

  #flow(): void {
    while (this.pen[0] !== undefined && !this.#holds(this.pen[0])) this.#letGo()
  }
}

const guardActs = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.record({ type: fc.constant('send' as const), count: fc.integer({ min: 1, max: 4 }) }) },
    { weight: 2, arbitrary: fc.record({ type: fc.constant('step' as const), count: fc.integer({ min: 1, max: 3 }) }) },
    fc.record({ type: fc.constant('hold' as const), divisor: fc.integer({ min: 1, max: 4 }) }),
    {
      weight: 2,
      arbitrary: fc.record({ type: fc.constant('release' as const), count: fc.integer({ min: 1, max: 3 }) }),
    },
    fc.record({ type: fc.constant('unhold' as const) }),
    fc.record({ type: fc.constant('remove' as const), at: fc.nat(8) }),
  ),
  // Short scripts come to nothing.
  { minLength: 15, maxLength: 40 },
)

describe('any wire with a breakpoint and a policy', () => {
  it('holds, drops, counts and lets go exactly what it should, whatever is done to it', async () => {
    const policies = fc.constantFrom(
      'block' as const,
      'drop-oldest' as const,
      'drop-newest' as const,
      'latest' as const,
    )
    await fc.assert(
      fc.asyncProperty(guardActs, policies, fc.integer({ min: 1, max: 4 }), async (script, policy, capacity) => {
        const { send, settle, network, wire, seen, snapshot } = await rigOf({ policy, capacity })
        const model = new WireModel(policy, capacity)
        network.control.pause('sink')
        let next = 1
        for (const act of script) {
          switch (act.type) {
            case 'send':
              for (let count = 0; count < act.count; count++, next++) {
                send({ rest: [2, 3, 4].map((divisor) => next % divisor), value: next })
                model.send(next)
              }
              break
            case 'step': {
              const count = Math.min(act.count, model.queue.length)
              if (count > 0) network.control.step('sink', count)
              await settle()
              model.step(count)
              break
            }
            case 'hold': {
              const path = `rest.${act.divisor - 2}`
              network.wires.setBreakpoint(wire, act.divisor === 1 ? [] : [{ path, operator: 'equals', value: 0 }])
              model.held = act.divisor
              break
            }
            case 'unhold':
              model.held = undefined
              expect(network.wires.clearBreakpoint(wire)).toBe(model.release(Infinity))
              break
            case 'release':
              expect(network.wires.release(wire, act.count)).toBe(model.release(act.count))
              break
            case 'remove': {
              const [message] = network.wires.peek(wire, { offset: act.at, limit: 1 }).messages
              if (message === undefined) break
              network.wires.remove(wire, message.id)
              model.remove(act.at)
              break
            }
          }
          const values = (messages: readonly unknown[]) =>
            messages.map((message) => (message as { value: number }).value)
          const content = network.wires.peek(wire, { limit: 100 })
          expect(values(content.messages.map(({ value }) => value))).toEqual(model.content)
          expect(content.held).toBe(Math.min(model.pen.length, capacity))
          // A wire that needs no guard any more forgets what it dropped with it.
          if (model.held !== undefined || policy !== 'block') expect(snapshot()?.dropped).toBe(model.dropped)
          expect(values(seen)).toEqual(model.taken)
        }
      }),
      { numRuns: 100 },
    )
  })
})
