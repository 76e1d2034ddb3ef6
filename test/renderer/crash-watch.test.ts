import { expect, it } from 'vitest'
import { CrashWatch } from '../../src/renderer/view/crash-watch.ts'
import type { InstanceState } from '../../src/shared/index.ts'
import { instance } from '../shared/samples.ts'

it('tells of each crash once, and not of one from before', () => {
  const crashes = new CrashWatch()
  const at = (a: InstanceState, b: InstanceState) =>
    crashes
      .crashed([instance('a', [], [], { state: a }), instance('b', [], [], { state: b })])
      .map(({ instance: name }) => name)
  expect(at('running', 'crashed')).toEqual([])
  expect(at('crashed', 'crashed')).toEqual(['a/1'])
  expect(at('crashed', 'starting')).toEqual([])
  expect(at('running', 'crashed')).toEqual(['b/1'])
  expect(at('crashed', 'crashed')).toEqual(['a/1'])
})
