import type { Bench } from './bench.ts'
import { chain } from './chain.ts'

/** All benches, in the order in which they run. */
export const benches: readonly Bench[] = [chain]
