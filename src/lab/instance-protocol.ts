import type { DeadLetter, ErrorCode, InstanceMetrics, TappedMessage } from '../shared/index.ts'
import type { Requests } from './instance-requests.ts'
import type { InstanceSpec } from './instance-spec.ts'
import type { NewLogEntry } from './log-ring.ts'
import type { RecordedSpan } from './traces/span-recorder.ts'
import type { BundledActors, DescribedModule } from './own-actors/module.ts'

/** A request on its way to an instance. */
export type Request = { [Name in keyof Requests]: { name: Name; input: Requests[Name]['input'] } }[keyof Requests]

/** From the lab to the thread or process of an instance. */
export type ToInstance =
  | { type: 'start'; spec: InstanceSpec }
  | { type: 'stop'; drainMs: number }
  /** Says what modules hold; asked of a thread or process that runs no instance. */
  | { type: 'describe'; bundle: BundledActors }
  | { type: 'request'; id: number; request: Request }

/** An error as it crosses a thread: what a person needs of it. */
export interface CarriedError {
  code: ErrorCode | undefined
  message: string
}

/** What a process says of the fault that ends it: its exit code alone tells nobody anything. For its host; the lab hears of the exit. */
export interface LastWords {
  type: 'lastWords'
  text: string
}

/** From the thread or process of an instance to the lab. */
export type FromInstance =
  | { type: 'loaded' }
  | { type: 'described'; modules: DescribedModule[] }
  | { type: 'started'; address: string }
  | { type: 'failed'; error: CarriedError }
  | { type: 'stopped'; left: number }
  | { type: 'metrics'; metrics: InstanceMetrics }
  /** Those since the last time. */
  | { type: 'deadLetters'; letters: DeadLetter[]; gone: number[] }
  | { type: 'tapped'; tap: number; items: TappedMessage[]; notShown: number }
  | { type: 'spans'; spans: RecordedSpan[]; notKept: number }
  | { type: 'logs'; entries: NewLogEntry[]; notKept: number }
  | { type: 'response'; id: number; output?: unknown; error?: CarriedError }
