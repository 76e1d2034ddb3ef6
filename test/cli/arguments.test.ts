import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseDuration } from '../../src/cli/duration.ts'
import { parsePeer, parsePort, parsePortBase } from '../../src/cli/port-arguments.ts'

describe('parseDuration', () => {
  it.each([
    ['500ms', 500],
    ['20s', 20_000],
    ['1.5m', 90_000],
    ['2h', 7_200_000],
    [' 3s ', 3_000],
  ])('reads %s', (text, expected) => {
    expect(parseDuration(text)).toBe(expected)
  })

  it.each(['20', 's', '0s', '-1s', '1e3s', '1d', '', '0.1ms', '20 s', 'Infinitys'])(
    'refuses %j and says what is expected',
    (text) => {
      expect(() => parseDuration(text)).toThrow(/above 0 with its unit, such as 500ms, 20s/)
    },
  )

  it('refuses what no timer can wait', () => {
    expect(() => parseDuration('600h')).toThrow(/at most/)
  })
})

describe('parsePort and parsePeer', () => {
  it('take a port for one of this machine', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 65_535 }), (port) => {
        expect(parsePort(String(port))).toBe(port)
        expect(parsePeer(String(port))).toBe(`127.0.0.1:${port}`)
      }),
    )
  })

  it.each(['65536', '-1', '1.5', 'http', '', '0x10', '1e3'])('refuse the port %j', (text) => {
    expect(() => parsePort(text)).toThrow(/from 0 to 65535/)
  })

  it.each(['0', '1023', '65001', '70000', 'x'])('refuse the port base %j by one range', (text) => {
    expect(() => parsePortBase(text)).toThrow(/^expected a port from 1024 to 65000$/)
  })

  it.each(['host', '0', '70000', 'a b:1', 'host:'])('refuse the peer %j', (text) => {
    expect(() => parsePeer(text)).toThrow(/host:port/)
  })
})
