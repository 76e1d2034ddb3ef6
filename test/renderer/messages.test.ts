import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { differences, hexRows, treeLines } from '../../src/renderer/view/json-tree.ts'
import { exportMessages, MessageBuffer, messagePasses } from '../../src/renderer/view/message-buffer.ts'
import type { TappedMessage } from '../../src/shared/index.ts'

const tapped = (number: number, changes: Partial<TappedMessage> = {}): TappedMessage => ({
  instance: 'data/1',
  wire: 'a.Out -> b.In',
  timeMs: number,
  number,
  bytes: 10,
  kind: 'integer',
  preview: `{"type":"Integer","data":${number}}`,
  message: { type: 'Integer', data: number },
  ...changes,
})

describe('the messages that were seen', () => {
  it('are the newest, by count and by bytes', () => {
    const buffer = new MessageBuffer(3, 25)
    buffer.add([1, 2, 3, 4].map((number) => tapped(number)))
    expect(buffer.shown.map(({ number }) => number)).toEqual([3, 4])
    buffer.add([tapped(5, { bytes: 100 })])
    expect(buffer.shown.map(({ number }) => number)).toEqual([5])
  })

  it('stand still while paused, and those that come meanwhile are counted and kept', () => {
    const buffer = new MessageBuffer()
    buffer.add([tapped(1)])
    buffer.pause()
    buffer.add([tapped(2), tapped(3)])
    expect([buffer.shown.length, buffer.waiting]).toEqual([1, 2])
    buffer.pause()
    expect(buffer.waiting).toBe(2)
    buffer.resume()
    expect([buffer.shown.length, buffer.waiting]).toEqual([3, 0])
  })

  it('are in the order of time, whichever wire handed them over first', () => {
    const buffer = new MessageBuffer()
    buffer.add([tapped(2), tapped(4)])
    buffer.add([tapped(1), tapped(3)])
    expect(buffer.shown.map(({ timeMs }) => timeMs)).toEqual([1, 2, 3, 4])
  })

  it('are found by words, and without those after a minus', () => {
    const message = { ...tapped(7), key: 1 }
    expect(messagePasses(message, ['b.in', 'integer'])).toBe(true)
    expect(messagePasses(message, ['-integer'])).toBe(false)
  })

  it('are saved whole, and are no formulas in a table', () => {
    const messages = [{ ...tapped(1, { wire: '=cmd' }), key: 1 }]
    expect(JSON.parse(exportMessages(messages, 'jsonl'))).toMatchObject({ wire: '=cmd', message: { data: 1 } })
    expect(exportMessages(messages, 'csv')).toContain(`"'=cmd"`)
  })
})

describe('a value as a tree', () => {
  it('has a line per part, as far as it is opened', () => {
    const value = { a: [1, null], 'b.c': 'x' }
    expect(treeLines(value, () => true).map(({ path, text }) => `${path}=${text}`)).toEqual([
      '={2}',
      'a=[2]',
      'a.0=1',
      'a.1=null',
      'b.c="x"',
    ])
    expect(treeLines(value, (path) => path === '')).toHaveLength(3)
    expect(treeLines(Array.from({ length: 9_999 }), () => true)).toHaveLength(2_000)
  })

  it('differs from itself in nothing, and from another where it does', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => void expect(differences(value, structuredClone(value))).toEqual([])),
      {
        numRuns: 50,
      },
    )
    expect(differences({ same: 1, gone: 2, other: [1] }, { same: 1, other: [3], fresh: 4 })).toEqual([
      { path: 'gone', type: 'removed', before: 2 },
      { path: 'other.0', type: 'changed', before: 1, after: 3 },
      { path: 'fresh', type: 'added', after: 4 },
    ])
  })

  it('is shown as bytes in rows of sixteen', () => {
    expect(hexRows('Ünïcode\n and more')).toEqual([
      { place: '000000', hex: 'c3 9c 6e c3 af 63 6f 64 65 0a 20 61 6e 64 20 6d', text: '··n··code· and m' },
      { place: '000010', hex: '6f 72 65', text: 'ore' },
    ])
  })
})
