import { defineActor } from '../../runtime/index.ts'
import type { Bench } from './bench.ts'
import { chainLength, runBareChain, runChain } from './chain.ts'

const relay = defineActor({
  name: 'BenchAsyncRelay',
  inports: { In: {} },
  outports: { Out: {} },
  run: async ({ inputs }) => ({ Out: inputs.In }),
})

/** A chain of asynchronous behaviours, one run of each at a time; the floor awaits nothing, so the ratio shows what awaiting costs. */
export const async: Bench = {
  name: 'async',
  about: 'source → 8 asynchronous actors → sink; the floor is that of chain',
  unit: 'hops/s',
  measure: 'rate',
  millrace: () => runChain(Array.from({ length: chainLength }, () => relay)),
  floor: () => runBareChain(Array.from({ length: chainLength }, () => (message, self) => self.send(message))),
}
