import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { runTrial, trials } from './network-model.ts'

it('keeps order on every wire and accounts for every message once, whatever is done to a network and fails in it', async () => {
  await fc.assert(fc.asyncProperty(trials, runTrial), { numRuns: 60 })
  expect.assertions(0)
}, 60_000)
