import { async } from './async.ts'
import type { Bench } from './bench.ts'
import { chain } from './chain.ts'
import { fanin, fanout } from './fan.ts'
import { latency } from './latency.ts'
import { link, linkLarge } from './link.ts'
import { linkLatency } from './link-latency.ts'
import { loopHttp, loopTimers } from './loop.ts'
import { mixed, mixedHandles } from './mixed.ts'
import { slowSink } from './slow-sink.ts'
import { spawn } from './spawn.ts'

/** All benches, in the order in which they run. */
export const benches: readonly Bench[] = [
  chain,
  mixed,
  mixedHandles,
  fanout,
  fanin,
  async,
  latency,
  loopTimers,
  loopHttp,
  spawn,
  link,
  linkLatency,
  linkLarge,
  slowSink,
]
