import type { NodeLog, Outputs, Ports, Sent } from './actor.ts'
import type { Context, ContextOwner } from './context.ts'
import { Gauges } from './gauges.ts'
import type { NodeFailures } from './node-failures.ts'
import type { NodeSettings } from './node-config.ts'
import type { NodeHost } from './node-host.ts'
import type { NodeLife } from './node-life.ts'
import { makeHandles, OutHandle, PacedHandle } from './out-handles.ts'
import type { Outbox, Sender } from './outbox.ts'
import type { Outport } from './outport.ts'

/**
 * Messages that somebody who may await may send in one turn of the loop before the next one is due. Then queues stay short, and what is in
 * them young: a hundred sources that first fill their wires to the brim are half as fast, since the collector copies all of it.
 */
const breathEvery = 128

/** The parts of a node that its services work on. */
export interface ServedNode {
  readonly id: string
  readonly outbox: Outbox
  readonly outports: readonly Outport[]
  readonly life: NodeLife
  readonly settings: NodeSettings
  readonly failures: NodeFailures
}

/** What a node offers to its behaviour. Each function is made when it is first asked for: ten thousand nodes need few of them. */
export class NodeServices implements ContextOwner {
  state: unknown
  #gauges: Gauges | undefined
  readonly #node: ServedNode
  readonly #host: NodeHost
  #identity: ContextOwner['identity'] | undefined
  #log: NodeLog | undefined
  #send: ContextOwner['send'] | undefined
  #out: ContextOwner['out'] | undefined
  #gauge: ContextOwner['gauge'] | undefined
  #breathTurn = -1
  #breathCount = 0

  constructor(node: ServedNode, host: NodeHost) {
    this.#node = node
    this.#host = host
  }

  get gauges(): Gauges {
    return (this.#gauges ??= new Gauges((text) => this.#host.log('warn', this.#node.id, text)))
  }

  get identity() {
    const { networkId, instanceId } = this.#host
    return (this.#identity ??= { id: this.#node.id, networkId, instanceId })
  }

  get config() {
    return this.#node.settings.config
  }

  get env() {
    return this.#node.settings.env
  }

  get signal() {
    return this.#node.life.signal
  }

  get log() {
    return (this.#log ??= makeLog(this.#host, this.#node.id))
  }

  get send() {
    return (this.#send ??= this.#makeSend())
  }

  get out() {
    return (this.#out ??= this.#makeOut())
  }

  #makeSend(): ContextOwner['send'] {
    const node = this.#node
    const { outbox } = node
    const sender: Sender = { waiting: undefined }
    return (outputs: Outputs<Ports>): Sent => outbox.emitAll(node, outputs, sender)
  }

  #makeOut(): ContextOwner['out'] {
    const { outbox, outports } = this.#node
    const sender: Sender = { waiting: undefined }
    return makeHandles(outports, (outport) => new OutHandle(outbox, outport, sender))
  }

  /** A `send` for one flow of control that may await. */
  sendAs(sender: Sender): ContextOwner['send'] {
    const node = this.#node
    const { outbox } = node
    return (outputs: Outputs<Ports>): Sent => outbox.emitAll(node, outputs, sender) ?? this.breathe()
  }

  /** Port handles for one flow of control that may await. */
  outAs(sender: Sender): ContextOwner['out'] {
    const { outbox, outports } = this.#node
    const breathe = () => this.breathe()
    return makeHandles(outports, (outport) => new PacedHandle(outbox, outport, sender, breathe))
  }

  /** Counts one more message of somebody who may await; gives something to await when it was enough for this turn of the loop. */
  breathe(): Sent {
    const { scheduler } = this.#host
    if (this.#breathTurn !== scheduler.turn) {
      this.#breathTurn = scheduler.turn
      this.#breathCount = 0
    }
    return ++this.#breathCount % breathEvery === 0 ? scheduler.nextTurn() : undefined
  }

  /** What the node's gauges show, without making any. */
  get gaugeValues(): Record<string, number> {
    return this.#gauges?.toRecord() ?? {}
  }

  get gauge() {
    return (this.#gauge ??= (name, value) => this.gauges.set(name, value))
  }

  get watch(): ContextOwner['watch'] {
    return (listener) => {
      const { signal } = this
      const unsubscribe = this.#host.subscribe(listener)
      const undo = () => {
        unsubscribe()
        signal.removeEventListener('abort', undo)
      }
      // A node that forgets to undo it must not be told after its end.
      signal.addEventListener('abort', undo)
      return undo
    }
  }

  get now() {
    return this.#host.platform.now
  }

  rejectArrivals(context: Context, reason: string): void {
    this.#node.failures.reject(context, reason)
  }
}

function makeLog(host: NodeHost, node: string): NodeLog {
  return {
    debug: (text) => host.log('debug', node, text),
    info: (text) => host.log('info', node, text),
    warn: (text) => host.log('warn', node, text),
    error: (text) => host.log('error', node, text),
  }
}
