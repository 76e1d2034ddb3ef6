import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LogBuffer } from '../../src/renderer/view/log-buffer.ts'
import { emptyLogFilter, faultOf, haystackOf, matches, parseSearch } from '../../src/renderer/view/log-filter.ts'
import { logLevels, type LogEntry } from '../../src/shared/index.ts'
import { logEntry } from '../shared/samples.ts'

function passes(text: string, entry: Partial<LogEntry>): boolean {
  return matches(logEntry(1, entry), { ...emptyLogFilter, text }, parseSearch(text))
}

describe('the filter of the log', () => {
  it('wants every word, in any case, wherever in the line it stands', () => {
    expect(passes('model PROMOTED', { text: 'promoted model v3' })).toBe(true)
    expect(passes('model refused', { text: 'promoted model v3' })).toBe(false)
    expect(passes('data/1 trainer', { node: 'model_trainer', text: 'x' })).toBe(true)
  })

  it('leaves out lines with a word after a minus', () => {
    expect(passes('-debugging', { text: 'all well' })).toBe(true)
    expect(passes('model -"was 0.7"', { text: 'model: 0.8 (was 0.7)' })).toBe(false)
  })

  it('takes quoted words together, and node: for where a line comes from', () => {
    expect(passes('"port in use"', { text: 'the port in use' })).toBe(true)
    expect(passes('"in port"', { text: 'the port in use' })).toBe(false)
    expect(passes('node:trainer', { node: 'model_trainer' })).toBe(true)
    expect(passes('node:trainer', { text: 'node:trainer', node: 'logger' })).toBe(false)
    expect(passes('node:trainer', { text: 'of the instance itself' })).toBe(false)
  })

  it('takes what stands between slashes for a regular expression, and says when it is none', () => {
    const { patterns, wanted } = parseSearch(String.raw`/tr(ai|ee)n\/ed/ -/x+/s word`)
    expect(patterns).toEqual([
      { source: String.raw`tr(ai|ee)n\/ed`, flags: 'i', isUnwanted: false },
      { source: 'x+', flags: 's', isUnwanted: true },
    ])
    expect(wanted).toEqual(['word'])
    expect(faultOf({ source: '(', flags: 'i', isUnwanted: false })).toContain('Unterminated group')
    expect(patterns.map(faultOf)).toEqual([undefined, undefined])
    expect(parseSearch('/tmp/labs is a path').patterns).toEqual([])
  })

  it('goes by level and instance', () => {
    const entry = logEntry(1, { level: 'warn' })
    expect(matches(entry, { ...emptyLogFilter, levels: new Set(['error']) }, parseSearch(''))).toBe(false)
    expect(matches(entry, { ...emptyLogFilter, instance: 'ml/1' }, parseSearch(''))).toBe(false)
    expect(matches(entry, { ...emptyLogFilter, instance: 'data/1' }, parseSearch(''))).toBe(true)
  })

  it('finds any text of a line, quoted or not, as if all were in lower case', () => {
    const text = fc.string({ unit: fc.constantFrom(...'aAbB .*+?^$()[]{}|/-\\'), maxLength: 8 })
    fc.assert(
      fc.property(text, text, text, text, (instance, node, line, word) => {
        const entry = logEntry(1, { instance, node, text: line })
        const wanted = word.toLowerCase()
        fc.pre(wanted !== '')
        expect(passes(`"${word}"`, entry)).toBe(haystackOf(entry).toLowerCase().includes(wanted))
      }),
    )
  })

  it('has no wrong input', () => {
    fc.assert(fc.property(fc.string(), (text) => void parseSearch(text)))
    expect(passes('"', { text: 'x' })).toBe(true)
    expect(passes(' - ', { text: 'x - y' })).toBe(true)
  })
})

describe('the buffer of the log', () => {
  it('keeps the newest lines and counts them by level', () => {
    const buffer = new LogBuffer(3)
    buffer.append([logEntry(1, { level: 'error' }), logEntry(2), logEntry(3)])
    expect(buffer.append([logEntry(4)])).toMatchObject({ dropped: 1 })
    expect(buffer.lines.map(({ sequence }) => sequence)).toEqual([2, 3, 4])
    expect(buffer.counts).toEqual({ debug: 0, info: 3, warn: 0, error: 0 })
  })

  it('passes over lines that it already has', () => {
    const buffer = new LogBuffer(10)
    buffer.append([logEntry(1), logEntry(2)])
    buffer.append([logEntry(2), logEntry(3)])
    expect(buffer.lines.map(({ sequence }) => sequence)).toEqual([1, 2, 3])
  })

  it('shows, after any lines in any batches, what filtering all of them would show', () => {
    const batch = fc.array(fc.constantFrom(...logLevels), { maxLength: 12 })
    fc.assert(
      fc.property(
        fc.array(batch, { maxLength: 12 }),
        fc.subarray([...logLevels]),
        fc.integer({ min: 1, max: 25 }),
        (batches, levels, capacity) => {
          const buffer = new LogBuffer(capacity)
          const filter = { ...emptyLogFilter, levels: new Set(levels) }
          let sequence = 0
          for (const [index, kinds] of batches.entries()) {
            if (index === Math.floor(batches.length / 2)) buffer.setView({ mode: 'filter', filter, context: 0 })
            buffer.append(kinds.map((level) => logEntry((sequence += 1), { level })))
          }
          buffer.setView({ mode: 'filter', filter, context: 0 })
          const fresh = new LogBuffer(capacity)
          fresh.setView({ mode: 'filter', filter, context: 0 })
          fresh.append(buffer.lines)
          expect(buffer.shown).toEqual(buffer.lines.filter(({ level }) => filter.levels.has(level)))
          expect(buffer.shown).toEqual(fresh.shown)
          expect(buffer.lines.length).toBe(Math.min(capacity, sequence))
          expect(Object.values(buffer.counts).reduce((sum, count) => sum + count, 0)).toBe(buffer.lines.length)
        },
      ),
    )
  })

  it('keeps all lines and says which match, when it is to find', () => {
    const buffer = new LogBuffer(4)
    buffer.setView({ mode: 'find', filter: { ...emptyLogFilter, text: 'line 2' }, context: 0 })
    buffer.append([logEntry(1), logEntry(2), logEntry(3)])
    expect([buffer.shown.length, buffer.hits]).toEqual([3, [2]])
    buffer.append([logEntry(20), logEntry(21)])
    expect([buffer.shown.length, buffer.hits]).toEqual([4, [2, 20, 21]])
    buffer.append([logEntry(30)])
    expect(buffer.hits).toEqual([20, 21])
  })

  it('shows the lines around each match, each once and in order', () => {
    const buffer = new LogBuffer()
    buffer.append(
      Array.from({ length: 20 }, (_, place) => logEntry(place, { text: [8, 10].includes(place) ? 'hit' : '' })),
    )
    buffer.setView({ mode: 'filter', filter: { ...emptyLogFilter, text: 'hit' }, context: 2 })
    expect(buffer.shown.map(({ sequence }) => sequence)).toEqual([6, 7, 8, 9, 10, 11, 12])
    buffer.append([logEntry(30, { text: 'hit' })])
    expect(buffer.shown.map(({ sequence }) => sequence).slice(-3)).toEqual([18, 19, 30])
    expect(buffer.hits).toEqual([8, 10, 30])
  })

  it('is empty after it was cleared', () => {
    const buffer = new LogBuffer()
    buffer.append([logEntry(5)])
    buffer.clear()
    buffer.append([logEntry(1)])
    expect(buffer.shown.map(({ sequence }) => sequence)).toEqual([1])
  })
})
