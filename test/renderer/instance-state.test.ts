import { describe, expect, it } from 'vitest'
import { failureOf } from '../../src/renderer/view/failure.ts'
import { instanceActions, isPossible, overallState, shownNodeState } from '../../src/renderer/view/instance-state.ts'
import { lookOf } from '../../src/renderer/view/state-look.ts'
import { instanceStates, linkStates, MillraceError, nodeStates, type InstanceState } from '../../src/shared/index.ts'
import { nodeSnapshot } from '../shared/samples.ts'

describe('the buttons of an instance', () => {
  it.each([
    ['stopped', ['start']],
    ['starting', ['stop', 'kill']],
    ['running', ['stop', 'restart', 'kill']],
    ['stopping', ['kill']],
    ['failed', ['start', 'restart']],
    ['crashed', ['start', 'restart']],
  ] as const)('of one that is %s offer %j', (state, actions) => {
    expect(instanceActions.filter((action) => isPossible(action, state))).toEqual(actions)
  })
})

describe('the state of a lab', () => {
  const of = (...states: InstanceState[]) => overallState(states.map((state) => ({ state })))

  it('is that of its worst instance, in words', () => {
    expect(of('running', 'running', 'running')).toEqual({ tone: 'running', text: 'all 3 running' })
    expect(of('running', 'failed', 'crashed')).toEqual({ tone: 'failed', text: '2 of 3 failed, 1 running' })
    expect(of('running', 'starting')).toEqual({ tone: 'changing', text: 'starting, 1 of 2 running' })
    expect(of('stopping', 'stopped')).toEqual({ tone: 'changing', text: 'stopping' })
    expect(of('running', 'stopped')).toEqual({ tone: 'partly', text: '1 of 2 running' })
    expect(of('stopped')).toEqual({ tone: 'stopped', text: 'stopped' })
    expect(of()).toEqual({ tone: 'none', text: 'no instances' })
  })
})

describe('the sign of a state', () => {
  it('is told by its shape as well as by its colour', () => {
    for (const states of [instanceStates, nodeStates, linkStates]) {
      const looks = states.map((state) => lookOf(state))
      const shapesOfTone = new Map(looks.map(({ shape, tone }) => [`${shape}`, tone]))
      // No shape stands for two tones among the states that stand beside each other.
      for (const { shape, tone } of looks.filter(({ shape: one }) => one !== 'triangle'))
        expect(shapesOfTone.get(shape)).toBe(tone)
      expect(looks.map(({ label }) => label)).toEqual([...states])
    }
  })

  it('shows a node as running while messages go through it', () => {
    const node = nodeSnapshot('a')
    expect(shownNodeState(node, { received: 3, sent: 0 })).toBe('running')
    expect(shownNodeState(node, { received: 0, sent: 0 })).toBe('idle')
    expect(shownNodeState(nodeSnapshot('a', { state: 'blocked' }), { received: 3, sent: 0 })).toBe('blocked')
  })
})

describe('what went wrong', () => {
  it('is told with its code, and the code only once', () => {
    expect(failureOf(new MillraceError('PORT_IN_USE', 'port 9002 is taken [PORT_IN_USE]'))).toEqual({
      text: 'port 9002 is taken',
      code: 'PORT_IN_USE',
    })
    const remote = Object.assign(new Error('taken'), { code: 'BAD_REQUEST', data: { code: 'PORT_IN_USE' } })
    expect(failureOf(remote)).toEqual({ text: 'taken', code: 'PORT_IN_USE' })
    expect(failureOf(new Error('plain'))).toEqual({ text: 'plain' })
    expect(failureOf('thrown text')).toEqual({ text: 'thrown text' })
  })
})
