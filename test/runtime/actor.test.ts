import { describe, expect, it } from 'vitest'
import { defineActor } from '../../src/runtime/index.ts'

describe('defining an actor', () => {
  it.each([
    ['a name', { name: '', run() {} }],
    ['run or start', { name: 'Idle' }],
    ['a capacity above 0', { name: 'Narrow', inports: { In: { capacity: 0 } }, run() {} }],
    ['a whole capacity', { name: 'Narrow', outports: { Out: { capacity: 1.5 } }, run() {} }],
    ['a parallel above 0', { name: 'Frozen', parallel: 0, run() {} }],
  ])('needs %s', (_, definition) => {
    expect(() => defineActor(definition)).toThrow(expect.objectContaining({ code: 'ACTOR_INVALID' }))
  })

  it('fills in the ports that are left out', () => {
    expect(defineActor({ name: 'Bare', start() {} })).toMatchObject({ inports: {}, outports: {} })
  })
})
