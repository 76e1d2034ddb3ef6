import { describe, expect, it } from 'vitest'
import { AddressLimits } from '../../src/peer/address-limits.ts'

function makeLimits() {
  const clock = { ms: 0 }
  return { clock, limits: new AddressLimits({ monotonicMs: () => clock.ms }) }
}

describe('the limits of an address', () => {
  it('let 8 strangers in at a time, and others beside them', () => {
    const { limits } = makeLimits()
    const ends = Array.from({ length: 8 }, (_, port) => limits.opened(`10.0.0.7:${port + 1}`))
    expect(limits.refusal('10.0.0.7:99')).toContain('have not said yet who they are')
    expect(limits.refusal('10.0.0.8:99')).toBeUndefined()
    ends[0]?.('gone')
    expect(limits.refusal('10.0.0.7:99')).toBeUndefined()
  })

  it('pause an address after 20 failures in a minute, for 30 s', () => {
    const { clock, limits } = makeLimits()
    const fail = () => limits.opened('[fd00::2]:5')('failed')
    for (let count = 0; count < 19; count++) fail()
    expect(limits.refusal('[fd00::2]:6')).toBeUndefined()
    fail()
    expect(limits.refusal('[fd00::2]:6')).toContain('have failed')
    expect(limits.refusal('[fd00::3]:6')).toBeUndefined()
    clock.ms = 30_001
    expect(limits.refusal('[fd00::2]:6')).toBeUndefined()
  })

  it('forget failures that are long ago, or that were followed by a proof', () => {
    const { clock, limits } = makeLimits()
    for (let count = 0; count < 100; count++) {
      clock.ms += 6_000
      limits.opened('10.0.0.7:1')('failed')
    }
    expect(limits.refusal('10.0.0.7:1')).toBeUndefined()
    clock.ms += 60_001
    for (let count = 0; count < 19; count++) limits.opened('10.0.0.7:1')('failed')
    limits.opened('10.0.0.7:1')('proved')
    for (let count = 0; count < 5; count++) limits.opened('10.0.0.7:1')('failed')
    expect(limits.refusal('10.0.0.7:1')).toBeUndefined()
  })

  it('do not bound this machine, which all of its instances share', () => {
    const { limits } = makeLimits()
    for (let count = 0; count < 1_000; count++) limits.opened('127.0.0.1:5')
    expect(limits.refusal('127.0.0.1:6')).toBeUndefined()
  })
})
