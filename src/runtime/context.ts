import type { NodeContext, NodeLog, Outputs, Ports, RunContext, Sent } from './actor.ts'
import type { InputView } from './inputs.ts'
import type { Sender } from './outbox.ts'
import type { Wire } from './wire.ts'

/** What contexts of a node take from it; functions come bound, since behaviours destructure them. */
export interface ContextOwner {
  readonly identity: NodeContext<Ports, unknown, unknown>['node']
  readonly config: unknown
  readonly env: Readonly<Record<string, string | undefined>>
  readonly signal: AbortSignal
  readonly log: NodeLog
  readonly send: (outputs: Outputs<Ports>) => Sent
  readonly out: NodeContext<Ports, unknown, unknown>['out']
  readonly gauge: (name: string, value: number) => void
  readonly watch: NodeContext<Ports, unknown, unknown>['watch']
  readonly now: () => number
  state: unknown
  /** As `send` and `out`, for one flow of control among others. */
  sendAs(sender: Sender): ContextOwner['send']
  outAs(sender: Sender): ContextOwner['out']
  /** Makes what a context holds dead letters. */
  rejectArrivals(context: Context, reason: string): void
}

const nothing: InputView = { slots: [], inputs: {} }

/**
 * What a behaviour or start hook works with. A synchronous node uses one for all its messages, an asynchronous one makes one per message.
 * One class for all actors, so that reading its fields stays monomorphic; what is rarely used is made when it is asked for.
 */
export class Context implements RunContext<Ports, Ports, unknown, unknown> {
  view: InputView = nothing
  inputs = nothing.inputs
  port = ''
  /** The wires that the slots of `view` came from. */
  wires: Wire[] = []
  /** Whether the behaviour has rejected what it got. */
  rejected = false
  /** Where its message is followed: emits what came of it, so that it is known to be of it. */
  emitting: ((emit: () => void) => void) | undefined
  readonly #owner: ContextOwner
  /** Present in the context of one asynchronous run. */
  readonly #sender: Sender | undefined
  /** Whether this run has a deadline, and so a signal of its own. */
  isBounded = false
  #ownAbort: AbortController | undefined
  #send: ContextOwner['send'] | undefined
  #out: ContextOwner['out'] | undefined
  #reject: ((reason: string) => void) | undefined

  constructor(owner: ContextOwner, sender?: Sender) {
    this.#owner = owner
    this.#sender = sender
  }

  get node() {
    return this.#owner.identity
  }

  get config() {
    return this.#owner.config
  }

  get state() {
    return this.#owner.state
  }

  set state(state: unknown) {
    this.#owner.state = state
  }

  get env() {
    return this.#owner.env
  }

  get signal() {
    if (!this.isBounded) return this.#owner.signal
    return (this.#ownAbort ??= abortWith(this.#owner.signal)).signal
  }

  /** Aborts the signal of this run alone: it has taken too long. */
  expire(reason: unknown): void {
    this.#ownAbort?.abort(reason)
    this.#ownAbort = undefined
  }

  get log() {
    return this.#owner.log
  }

  // Kept here and made elsewhere: so small that the compiler puts both into the behaviour, which saves 8 ns a message.
  get send(): ContextOwner['send'] {
    return this.#send ?? this.#openSend()
  }

  get out(): ContextOwner['out'] {
    return this.#out ?? this.#openOut()
  }

  #openSend(): ContextOwner['send'] {
    return (this.#send = this.#sender === undefined ? this.#owner.send : this.#owner.sendAs(this.#sender))
  }

  #openOut(): ContextOwner['out'] {
    return (this.#out = this.#sender === undefined ? this.#owner.out : this.#owner.outAs(this.#sender))
  }

  get gauge() {
    return this.#owner.gauge
  }

  get watch() {
    return this.#owner.watch
  }

  get now() {
    return this.#owner.now
  }

  get reject() {
    return (this.#reject ??= (reason) => this.#owner.rejectArrivals(this, String(reason)))
  }

  /** Shows what arrived by these wires. */
  show(view: InputView, port: string): void {
    this.view = view
    this.inputs = view.inputs
    this.port = port
  }
}

/** A controller that aborts with a signal, or before it. */
function abortWith(signal: AbortSignal): AbortController {
  const controller = new AbortController()
  if (signal.aborted) controller.abort(signal.reason)
  else signal.addEventListener('abort', () => controller.abort(signal.reason), { once: true })
  return controller
}

/** One message on its way through a behaviour. */
export interface Arrival {
  port: string
  /** `node.Port`; `undefined` when it came from outside. */
  source: string | undefined
  value: unknown
}

/** What a context holds at this moment. */
export function arrivalsOf({ wires, view }: Context): Arrival[] {
  return wires.map((wire, index) => ({
    port: wire.to.port,
    source: wire.origin,
    value: view.slots[index]?.value,
  }))
}
