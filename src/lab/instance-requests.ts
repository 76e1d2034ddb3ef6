import type { PeekOptions, TracePlace } from '../runtime/index.ts'
import type {
  Breakpoint,
  BreakpointCondition,
  ExportedNodeEntry,
  FoundInstanceEntry,
  GraphExport,
  LinkDisturbance,
  QueuedMessage,
  TaggedMessage,
  WireContent,
  WireOptions,
} from '../shared/index.ts'
import type { PeerSpec } from './instance-spec.ts'
import type { Following } from './traces/following.ts'
import type { BundledActors } from './own-actors/module.ts'

interface Command<Input, Output = undefined> {
  input: Input
  output: Output
}
interface OnWire {
  wire: string
}
interface OnMessage extends OnWire {
  message: string
}
interface OnNode {
  /** Absent for all of them. */
  node?: string
}

/** What a lab asks of a running instance, and what it answers. */
export interface Requests {
  /** With `follow` it begins a trace, whose id is told. */
  send: Command<
    { node: string; port: string; message: TaggedMessage; follow?: boolean | undefined },
    { traceId?: string | undefined }
  >
  /** Ports moved, paths absolute; `env` holds the variables that it names. */
  applyGraph: Command<{ graph: GraphExport; env: Record<string, string> }>
  peek: Command<OnWire & Unset<PeekOptions>, WireContent>
  removeMessage: Command<OnMessage>
  replaceMessage: Command<OnMessage & { value: TaggedMessage }>
  clearWire: Command<OnWire, { removed: number }>
  configureWire: Command<OnWire & { options: WireOptions }>
  listBreakpoints: Command<Record<never, never>, Breakpoint[]>
  setBreakpoint: Command<OnWire & { conditions: BreakpointCondition[] }>
  clearBreakpoint: Command<OnWire, { released: number }>
  listHeld: Command<OnWire & { limit?: number | undefined }, QueuedMessage[]>
  release: Command<OnWire & { count: number | 'all' }, { released: number }>
  pause: Command<OnNode>
  resume: Command<OnNode>
  step: Command<OnNode & { count: number }>
  drain: Command<OnNode & { drainMs?: number | undefined }, { left: number }>
  restartNode: Command<{ node: string; forget?: boolean | undefined }>
  retryDeadLetter: Command<{ sequence: number }>
  dropDeadLetter: Command<{ sequence: number }>
  dial: Command<PeerSpec>
  undial: Command<{ endpoint: string }>
  redial: Command<{ endpoint: string }>
  /** What is accepted from now on; links that are up stay. */
  changeTokens: Command<{ tokens: string[] }, { keys: string[] }>
  changePeerTokens: Command<{ endpoint: string; token: string; nextToken?: string }>
  disturb: Command<{ endpoint: string; disturbance?: LinkDisturbance | undefined }>
  ping: Command<{ networkId: string }, { rttMs: number }>
  discover: Command<{ networkId?: string; capability?: string; tag?: string }, FoundInstanceEntry[]>
  directory: Command<{ networkId: string }, ExportedNodeEntry[]>
  openTap: Command<OnWire & { tap: number; perSecond?: number | undefined }>
  closeTap: Command<{ tap: number }>
  /** Follows messages in this way from now on, or none. */
  followMessages: Command<{ following: Following | undefined }>
  /** Follows the next message that comes there, and tells its trace. */
  followNext: Command<{ place: TracePlace; withinMs: number }, { traceId: string }>
  /** Takes newer versions of own actors over. */
  reloadActors: Command<{ bundle: BundledActors }>
}
type Unset<Options> = { [Name in keyof Options]: Options[Name] | undefined }
