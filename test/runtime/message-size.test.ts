import { describe, expect, it } from 'vitest'
import { estimateBytes } from '../../src/runtime/message-size.ts'

/** A tree of objects that counts how often one of its fields is read. */
function tree(fields: number, depth: number, reads: { count: number }): object {
  const names = Array.from({ length: fields }, (_, index) => `field${index}`)
  return new Proxy(Object.fromEntries(names.map((name) => [name, 0])), {
    get: () => {
      reads.count++
      return depth === 0 ? 0 : tree(fields, depth - 1, reads)
    },
  })
}

function nested(value: unknown, depth: number): unknown {
  return depth === 0 ? value : { inner: nested(value, depth - 1) }
}

describe('the estimated size of a message', () => {
  it('is found with few looks, however bushy the message', () => {
    const reads = { count: 0 }
    estimateBytes(tree(32, 5, reads))
    expect(reads.count).toBeLessThan(256 * 33)
  })

  it.each([
    ['bytes', new Uint8Array(1_000_000)],
    ['bytes at depth 7', nested(new Uint8Array(1_000_000), 7)],
    ['text at depth 7', nested('x'.repeat(500_000), 7)],
    ['a map of text', new Map(Array.from({ length: 1_000 }, (_, index) => [index, 'x'.repeat(500)]))],
    ['a map of bytes', new Map(Array.from({ length: 100 }, (_, index) => [index, new Uint8Array(10_000)]))],
    ['a set of text', new Set(Array.from({ length: 1_000 }, (_, index) => String(index).padEnd(500)))],
    ['many fields', Object.fromEntries(Array.from({ length: 2_000 }, (_, index) => [`f${index}`, 'x'.repeat(250)]))],
    ['an array of arrays', Array.from({ length: 100 }, () => Array.from({ length: 1_250 }, () => 0.5))],
    ['an error with a long message', new Error('x'.repeat(500_000))],
    [
      'bytes behind many small objects',
      { small: Array.from({ length: 3 }, () => tree(32, 3, { count: 0 })), big: new Uint8Array(1_000_000) },
    ],
  ])('is about right for %s', (_what, value) => {
    const megabytes = estimateBytes(value) / 1_000_000
    expect(megabytes).toBeGreaterThan(0.9)
    expect(megabytes).toBeLessThan(1.7)
  })

  it('is a number one can add up, also for a thing that contains itself', () => {
    const ring: unknown[] = []
    for (let index = 0; index < 10_000; index++) ring.push(ring)
    const size = estimateBytes(ring)
    expect(Number.isSafeInteger(size * 1_024)).toBe(true)
    expect(size).toBeGreaterThan(0)
  })
})
