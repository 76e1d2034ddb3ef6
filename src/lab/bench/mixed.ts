import type { Bench } from './bench.ts'
import { runBareChain, runChain } from './chain.ts'
import { mixedActors } from './mixed-actors.ts'

const runBareMixed = () => runBareChain(mixedActors.map(({ bare }) => bare))

/** A chain of different actors that return what they emit. */
export const mixed: Bench = {
  name: 'mixed',
  about: 'source → 8 different actors → sink, by returned object',
  unit: 'hops/s',
  measure: 'rate',
  millrace: () => runChain(mixedActors.map(({ returning }) => returning)),
  floor: runBareMixed,
}

/** The same chain, whose actors emit by port handles. */
export const mixedHandles: Bench = {
  name: 'mixed-handles',
  about: 'source → 8 different actors → sink, by port handles',
  unit: 'hops/s',
  measure: 'rate',
  millrace: () => runChain(mixedActors.map(({ handling }) => handling)),
  floor: runBareMixed,
}
