import { describe, expect, it } from 'vitest'
import { rewriteFields } from '../../src/lab/config-fields.ts'
import { moveEndpoint, movePortsTo } from '../../src/lab/port-base.ts'

describe('--port-base', () => {
  it('moves every port by its distance from 9000 and leaves 0 alone', () => {
    const move = movePortsTo(19_000)
    expect([9_001, 9_080, 8_999, 0].map(move)).toEqual([19_001, 19_080, 18_999, 0])
    expect(movePortsTo(undefined)(9_001)).toBe(9_001)
  })

  it('refuses to move a port out of the range', () => {
    expect(() => movePortsTo(65_500)(9_080)).toThrow(expect.objectContaining({ code: 'USAGE' }))
  })

  it('moves endpoints on this machine that name a port of the lab, and no others', () => {
    const move = movePortsTo(19_000)
    const ports = new Set([9_001, 9_002])
    const moved = ['127.0.0.1:9001', 'localhost:9002', '[::1]:9001', '127.0.0.1:9999', '10.0.0.5:9001'].map(
      (endpoint) => moveEndpoint(endpoint, ports, move),
    )
    expect(moved).toEqual(['127.0.0.1:19001', 'localhost:19002', '[::1]:19001', '127.0.0.1:9999', '10.0.0.5:9001'])
  })

  it('moves config fields that are ports, given or by default, at any depth, and nothing else', () => {
    const schema = {
      properties: {
        port: { format: 'port', default: 9_080 },
        count: { type: 'number', default: 3 },
        admin: { properties: { port: { format: 'port' } } },
      },
    }
    const move = movePortsTo(19_000)
    const rewrite = (value: unknown) => (typeof value === 'number' ? move(value) : value)
    expect(rewriteFields({ count: 9_001 }, schema, 'port', rewrite)).toEqual({ count: 9_001, port: 19_080 })
    expect(rewriteFields({ port: 9_090, admin: { port: 9_091 }, label: 'x' }, schema, 'port', rewrite)).toEqual({
      port: 19_090,
      admin: { port: 19_091 },
      label: 'x',
    })
    expect(rewriteFields({}, schema, 'port', (value) => value)).toEqual({})
  })
})
