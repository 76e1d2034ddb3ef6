import type { LogLevel } from '../shared/index.ts'
import type { ActorDefinition } from './actor.ts'
import type { Undeliverable } from './dead-letters.ts'
import type { ActorPlan } from './actor-plan.ts'
import type { KeptStates } from './kept-states.ts'
import type { NetworkEvent } from './network-event.ts'
import type { Platform } from './host-platform.ts'
import type { Scheduler } from './scheduler.ts'
import type { Sizer } from './sizer.ts'

/** A node that may be stepped. */
export interface PausedNode {
  readonly couldRun: boolean
  allow(count: number): void
}

/** A node that may have output for a full wire. */
export interface BlockedNode {
  readonly outbox: { readonly obstacles: number }
}

/** What a network gives to its nodes. */
export interface NodeHost {
  readonly networkId: string
  readonly instanceId: string
  readonly platform: Platform
  readonly scheduler: Scheduler
  readonly sizer: Sizer
  /** Freezes a payload, in development. */
  readonly freeze: ((value: unknown) => void) | undefined
  readonly states: KeptStates
  /** What all nodes of an actor have in common. */
  planOf(actor: ActorDefinition): ActorPlan
  log(level: LogLevel, node: string | undefined, text: string): void
  emit(event: NetworkEvent): void
  /** Calls the listener with every event from now on; returns the undo. */
  subscribe(listener: (event: NetworkEvent) => void): () => void
  deadLetter(message: Undeliverable): void
  /** A wire out of a node has become full. */
  blocked(node: BlockedNode): void
  /** A paused node has something that it could do. */
  pausedHasWork(node: PausedNode): void
}
