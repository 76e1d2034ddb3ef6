import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { DeliveryMode } from '../../../src/shared/index.ts'
import { SessionPair } from './session-pair.ts'

function channelOf(delivery: DeliveryMode) {
  const pair = new SessionPair()
  const channel = pair.left.outgoing('n', 'A', delivery)
  pair.left.session.channels.openOutgoing(channel)
  pair.finish()
  const taken = () => (pair.right.sinks.get('n.A')?.taken ?? []) as number[]
  return { pair, channel, taken, sink: pair.right.sinks.get('n.A') }
}

const steps = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: fc.record({ type: fc.constant('send' as const), count: fc.integer({ min: 1, max: 40 }) }) },
    { weight: 2, arbitrary: fc.record({ type: fc.constant('settle' as const) }) },
    {
      weight: 2,
      arbitrary: fc.record({ type: fc.constant('deliver' as const), count: fc.integer({ min: 1, max: 3 }) }),
    },
    { weight: 1, arbitrary: fc.record({ type: fc.constant('cut' as const) }) },
    { weight: 1, arbitrary: fc.record({ type: fc.constant('away' as const), count: fc.nat(20) }) },
  ),
  { minLength: 5, maxLength: 60 },
)

/** Sends consecutive numbers through cuts; answers how many. */
function drive(link: ReturnType<typeof channelOf>, script: ReturnType<typeof fc.sample<StepList>>[number]): number {
  const { pair, channel } = link
  let next = 0
  for (const step of script) {
    if (step.type === 'send') for (let sent = 0; sent < step.count; sent++) void channel.send(next++)
    else if (step.type === 'settle') {
      pair.left.settle()
      pair.right.settle()
    } else if (step.type === 'deliver') {
      pair.deliver(pair.left, step.count)
      pair.deliver(pair.right, step.count)
    } else {
      pair.cut()
      if (step.type === 'away') for (let sent = 0; sent < step.count; sent++) void channel.send(next++)
      pair.attach()
    }
  }
  pair.finish()
  return next
}

type StepList = typeof steps extends fc.Arbitrary<infer Steps> ? Steps : never

describe('a channel that delivers at most once', () => {
  it('keeps the order, repeats nothing, and counts everything that did not arrive', () => {
    fc.assert(
      fc.property(steps, (script) => {
        const link = channelOf('at-most-once')
        const sent = drive(link, script)
        const taken = link.taken()
        expect([...new Set(taken)].sort((one, other) => one - other)).toEqual(taken)
        expect(taken.length + link.pair.left.unsent).toBe(sent)
        expect(link.channel.unacknowledged).toBe(0)
        expect(link.pair.right.lost).toBe(0)
      }),
      { numRuns: 500 },
    )
  })

  it('drops what is sent while there is no connection, and waits for credit while there is one', () => {
    const { pair, channel, taken, sink } = channelOf('at-most-once')
    if (sink) sink.slow = true
    pair.cut()
    for (let n = 0; n < 5000; n++) expect(channel.send(n)).toBeUndefined()
    pair.attach()
    pair.finish()
    expect(taken()).toEqual([])
    expect(pair.left.unsent).toBe(5000)
    if (sink) sink.slow = true
    let accepted = 0
    while (accepted < 5000 && channel.send(accepted) === undefined) accepted++
    expect(accepted).toBe(1024)
  })
})

describe('a channel that delivers the latest', () => {
  it('brings the newest message through any cuts, in order, and never one twice', () => {
    fc.assert(
      fc.property(steps, (script) => {
        const link = channelOf('latest')
        const sent = drive(link, script)
        const taken = link.taken()
        expect([...new Set(taken)].sort((one, other) => one - other)).toEqual(taken)
        if (sent > 0) expect(taken.at(-1)).toBe(sent - 1)
        expect(link.pair.left.unsent + link.pair.right.lost).toBe(0)
        expect(link.channel.unacknowledged).toBe(0)
      }),
      { numRuns: 500 },
    )
  })

  it('never lets its sender wait, and skips what a slow receiver has no time for', () => {
    const { pair, channel, taken, sink } = channelOf('latest')
    if (sink) sink.slow = true
    for (let n = 0; n < 5000; n++) {
      expect(channel.send(n)).toBeUndefined()
      if (n % 10 !== 0) continue
      pair.left.settle()
      pair.deliver(pair.left, Infinity)
      pair.right.settle()
      pair.deliver(pair.right, Infinity)
    }
    pair.finish()
    expect(taken()[0]).toBe(0)
    expect(taken().at(-1)).toBe(4999)
    expect(taken().length).toBeLessThan(5)
  })

  it('brings the newest message to the next session when one is over', () => {
    const { pair, channel } = channelOf('latest')
    channel.send('older')
    channel.send('newest')
    pair.left.settle()
    const { unconfirmed } = pair.left.session.end(undefined)
    expect(unconfirmed.length).toBeLessThanOrEqual(1)
    const next = new SessionPair()
    next.left.session.channels.openOutgoing(channel)
    next.finish()
    expect(next.right.sinks.get('n.A')?.taken).toEqual(['newest'])
  })
})
