import { describe, expect, it } from 'vitest'
import {
  formatBytes,
  formatCount,
  formatDuration,
  formatGauge,
  formatMs,
  formatRate,
  formatShare,
  formatTime,
} from '../../src/renderer/view/format.ts'

describe('figures on screen', () => {
  it.each([
    [0, '0'],
    [948, '948'],
    [999.6, '1k'],
    [12_400, '12.4k'],
    [3_100_000, '3.1M'],
    [250_000_000, '250M'],
    [-1500, '-1.5k'],
    [Number.NaN, '–'],
  ])('writes the count %d as %s', (value, text) => expect(formatCount(value)).toBe(text))

  it.each([
    [undefined, '–'],
    [0, '0'],
    [0.04, '<0.1'],
    [0.5, '0.5'],
    [9.96, '10'],
    [52.4, '52'],
    [2100, '2.1k'],
  ])('writes the rate %d as %s', (value, text) => expect(formatRate(value)).toBe(text))

  it.each([
    [512, '512 B'],
    [2048, '2 KiB'],
    [40_265_318, '38 MiB'],
  ])('writes %d bytes as %s', (value, text) => expect(formatBytes(value)).toBe(text))

  it.each([
    [0, '0 ms'],
    [0.003, '<0.1 ms'],
    [0.42, '0.4 ms'],
    [18.3, '18 ms'],
    [1234, '1.2 s'],
    [undefined, '–'],
  ])('writes %d milliseconds as %s', (value, text) => expect(formatMs(value)).toBe(text))

  it.each([
    [-5, '0s'],
    [42_000, '42s'],
    [185_000, '3m 5s'],
    [8_040_000, '2h 14m'],
    [93_600_000, '1d 2h'],
  ])('writes a time of %d ms as %s', (value, text) => expect(formatDuration(value)).toBe(text))

  it('keeps four digits of a gauge, and all of a share in per cent', () => {
    expect(formatGauge(0.745_312)).toBe('0.7453')
    expect(formatGauge(1_461)).toBe('1461')
    expect(formatGauge(25_000)).toBe('25k')
    expect(formatGauge(Number.NaN)).toBe('NaN')
    expect(formatShare(0.456)).toBe('46 %')
  })

  it('writes the local time of day to the millisecond', () => {
    expect(formatTime(new Date(2026, 10, 23, 9, 5, 7, 42).getTime())).toBe('09:05:07.042')
  })
})
