import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { AcknowledgedStreams, type Backlog } from '../../src/lab/acknowledged-stream.ts'

describe('an acknowledged stream', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  function open(backlog: Backlog<number>, options?: { restMs: () => number }) {
    const streams = new AcknowledgedStreams()
    const abort = new AbortController()
    let push: (item: number) => void = () => undefined
    const unsubscribed = vi.fn()
    const batches = streams.open<number>(
      (given) => {
        push = given
        return unsubscribed
      },
      backlog,
      abort.signal,
      options,
    )
    return { streams, batches, abort, unsubscribed, push: (item: number) => push(item) }
  }

  it('gives the next batch only after this one was acknowledged', async () => {
    const { streams, batches, push } = open({ keep: 'newest', limit: 100 })
    const first = batches.next()
    await vi.advanceTimersByTimeAsync(0)
    push(1)
    const batch = (await first).value
    expect(batch).toMatchObject({ number: 1, items: [1], notShown: 0 })
    let second: unknown
    void batches.next().then((result) => (second = result.value))
    push(2)
    push(3)
    await vi.advanceTimersByTimeAsync(10_000)
    expect(second).toBeUndefined()
    streams.acknowledge(batch?.stream ?? '', 1)
    await vi.advanceTimersByTimeAsync(0)
    expect(second).toMatchObject({ number: 2, items: [2, 3] })
  })

  it.each([
    ['ten batches a second', undefined, 8, 11],
    ['two where it is to rest for half a second', { restMs: () => 500 }, 1, 3],
  ])('gives at most %s, however fast they are acknowledged', async (_name, options, least, most) => {
    const { streams, batches, push } = open({ keep: 'newest', limit: 1_000 }, options)
    let taken = 0
    const consumer = (async () => {
      for await (const { stream, number } of batches) {
        taken++
        streams.acknowledge(stream, number)
      }
    })()
    for (let ms = 0; ms < 1_000; ms += 5) {
      push(ms)
      await vi.advanceTimersByTimeAsync(5)
    }
    expect(taken).toBeGreaterThan(least)
    expect(taken).toBeLessThanOrEqual(most)
    void consumer
  })

  it('counts exactly what it could not keep', async () => {
    const { streams, batches, push } = open({ keep: 'newest', limit: 10 })
    const first = batches.next()
    await vi.advanceTimersByTimeAsync(0)
    push(0)
    const { stream } = (await first).value as { stream: string }
    const second = batches.next()
    for (let item = 1; item <= 1_000; item++) push(item)
    streams.acknowledge(stream, 1)
    await vi.advanceTimersByTimeAsync(200)
    expect((await second).value).toMatchObject({
      notShown: 990,
      items: Array.from({ length: 10 }, (_, index) => 991 + index),
    })
  })

  it('merges by key when only the latest matters', async () => {
    const { batches, push } = open({ keep: 'latest', keyOf: (item) => String(item % 2) })
    const first = batches.next()
    await vi.advanceTimersByTimeAsync(0)
    for (const item of [1, 2, 3, 4, 5]) push(item)
    expect((await first).value).toMatchObject({ items: [5, 4], notShown: 0 })
  })

  it.each(['waiting for an item', 'waiting for an acknowledgement'])(
    'ends and unsubscribes on abort while %s',
    async (when) => {
      const { batches, push, abort, unsubscribed } = open({ keep: 'newest', limit: 10 })
      let next = batches.next()
      await vi.advanceTimersByTimeAsync(0)
      if (when !== 'waiting for an item') {
        push(1)
        await next
        next = batches.next()
      }
      abort.abort()
      expect((await next).done).toBe(true)
      expect(unsubscribed).toHaveBeenCalledOnce()
      expect(vi.getTimerCount()).toBe(0)
    },
  )

  it('unsubscribes when the consumer leaves', async () => {
    const { batches, push, unsubscribed } = open({ keep: 'newest', limit: 10 })
    const first = batches.next()
    await vi.advanceTimersByTimeAsync(0)
    push(1)
    await first
    await batches.return()
    expect(unsubscribed).toHaveBeenCalledOnce()
  })
})
