import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BackOff, longestHereMs } from '../../../src/peer/protocol/back-off.ts'
import { Liveness } from '../../../src/peer/protocol/liveness.ts'

/** Checks exactly when it is asked to, up to a moment; the moments at which the state changed. */
function watch(liveness: Liveness, fromMs: number, untilMs: number) {
  const changes: [number, string][] = []
  let beats = 0
  let nowMs = fromMs
  let state = 'alive'
  while (nowMs <= untilMs) {
    const verdict = liveness.check(nowMs)
    if (verdict.beat) {
      beats++
      liveness.sent(nowMs)
    }
    if (verdict.state !== state) changes.push([nowMs, verdict.state])
    ;({ state } = verdict)
    if (state === 'down') break
    nowMs = verdict.nextCheckMs
  }
  return { changes, beats }
}

describe('the judge of silence', () => {
  it('takes what is heard for a sign of life, and never a check that runs late', () => {
    const liveness = new Liveness(2000, 0)
    liveness.check(2001)
    liveness.check(9000)
    expect(liveness.signs).toBe(0)
    liveness.heard(9001)
    expect(liveness.signs).toBe(1)
  })

  it('suspects after 3 s of silence and gives up after 8', () => {
    const { changes } = watch(new Liveness(2000, 0), 2000, 60_000)
    expect(changes).toEqual([
      [3000, 'suspect'],
      [8000, 'down'],
    ])
  })

  it('beats only when nothing was sent for the interval', () => {
    const busy = new Liveness(2000, 0)
    for (let nowMs = 0; nowMs <= 20_000; nowMs += 500) {
      busy.heard(nowMs)
      busy.sent(nowMs)
      expect(busy.check(nowMs).beat).toBe(false)
    }
    const idle = new Liveness(2000, 0)
    idle.heard(1999)
    expect(idle.check(2000).beat).toBe(true)
  })

  it('trusts a suspect again as soon as it is heard', () => {
    const liveness = new Liveness(2000, 0)
    liveness.check(2000)
    expect(liveness.check(3000).state).toBe('suspect')
    liveness.heard(3001)
    expect(liveness.check(4000).state).toBe('alive')
  })

  it('never blames the peer for a time in which this side stood still', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 100_000 }), { minLength: 1, maxLength: 20 }), (stalls) => {
        const liveness = new Liveness(2000, 0)
        let nowMs = 2000
        for (const stallMs of stalls) {
          nowMs += stallMs
          // The peer beats every 2 s of the time in which this side is awake.
          const verdict = liveness.check(nowMs)
          expect(verdict.state).toBe('alive')
          liveness.heard(nowMs)
          nowMs = verdict.nextCheckMs
        }
      }),
    )
  })
})

describe('the pauses between tries', () => {
  it('grow from 100 ms to 15 s, with chance in all of them, and begin anew after success', () => {
    const longest = new BackOff(() => 0.999999)
    const pauses = Array.from({ length: 12 }, () => Math.round(longest.next()))
    expect(pauses).toEqual([100, 200, 400, 800, 1600, 3200, 6400, 12_800, 15_000, 15_000, 15_000, 15_000])
    longest.reset()
    expect(Math.round(longest.next())).toBe(100)
    expect(new BackOff(() => 0).next()).toBe(0)
  })

  it('stay below 2 s on one machine, where a peer that was started anew is to be found soon', () => {
    const here = new BackOff(() => 0.999999, longestHereMs)
    const pauses = Array.from({ length: 7 }, () => Math.round(here.next()))
    expect(pauses).toEqual([100, 200, 400, 800, 1600, 2000, 2000])
  })
})
