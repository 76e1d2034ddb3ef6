import { describe, expect, it } from 'vitest'
import { ArrivalTurns } from '../../src/lab/arrival-turns.ts'

/** Turns of a loop that is moved by hand. */
function makeTurns() {
  const later: (() => void)[] = []
  const turns = new ArrivalTurns({
    schedule(run) {
      later.push(run)
      return () => void later.splice(later.indexOf(run), 1)
    },
  })
  return { turns, later }
}

/** A packet that lets the network run something. */
function bring(turns: ArrivalTurns, run: () => void) {
  turns.arrived()
  turns.schedule(run)
  turns.handedOver()
}

describe('what a network does about a packet', () => {
  it('is done as soon as all of it has been handed over, once for each packet', () => {
    const { turns, later } = makeTurns()
    const done: string[] = []
    turns.arrived()
    turns.schedule(() => done.push('early'))
    turns.schedule(() => done.push('late'))
    expect(done).toEqual([])
    turns.handedOver()
    expect(done).toEqual(['early'])
    expect(later).toHaveLength(1)
  })

  it('is left to an ordinary turn when nothing came of the packet but what comes later', () => {
    const { turns, later } = makeTurns()
    turns.arrived()
    turns.handedOver()
    turns.schedule(() => undefined)
    expect(later).toHaveLength(1)
  })

  it('waits for an ordinary turn after sixteen in one, so that other sockets and timers have theirs', () => {
    const { turns, later } = makeTurns()
    let early = 0
    for (let packet = 0; packet < 17; packet++) {
      bring(turns, () => early++)
    }
    expect(early).toBe(16)
    for (const run of later.splice(0)) run()
    expect(early).toBe(17)
    bring(turns, () => early++)
    expect(early).toBe(18)
  })

  it('is done at once for ever when the loop turns between packets', () => {
    const { turns, later } = makeTurns()
    let early = 0
    for (let packet = 0; packet < 100; packet++) {
      bring(turns, () => early++)
      expect(early).toBe(packet + 1)
      for (const run of later.splice(0)) run()
    }
  })

  it('is not done when it has been taken back', () => {
    const { turns } = makeTurns()
    let done = 0
    turns.arrived()
    turns.schedule(() => done++)()
    turns.handedOver()
    expect(done).toBe(0)
  })
})
