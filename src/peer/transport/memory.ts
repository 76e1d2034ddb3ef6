import { MillraceError } from '../../shared/index.ts'
import { formatAddress } from '../address.ts'
import {
  plainBinding,
  type Connection,
  type ConnectionHandlers,
  type Listener,
  type ListenerHandlers,
  type Transport,
} from '../transport.ts'

/** Chooses when something that was sent arrives; must run it later, once. */
export type Delay = (run: () => void) => void

/** A network in memory: endpoints that share it can reach each other by `127.0.0.1:port`. */
export interface MemoryNetwork {
  readonly transport: Transport
  /** Ends every connection as a pulled cable would; what is under way is lost. The answer is how many. */
  cutAll(): number
  /** Ends every connection to this port and lets nobody in; returns its undo. */
  unplug(port: number): () => void
  /** From now on nothing arrives any more on the present connections, and nobody is told. */
  freezeAll(): void
  readonly openConnections: number
}

interface Pipe {
  readonly port: number
  cut(code: number, reason: string): void
  freeze(): void
}

/** Makes a network in memory. Packets of one connection arrive in order, each after `delay`. */
export function createMemoryNetwork(delay: Delay = (run) => void setImmediate(run)): MemoryNetwork {
  const listeners = new Map<number, ListenerHandlers>()
  const pipes = new Set<Pipe>()
  const unplugged = new Set<number>()
  let nextPort = 40_000
  let nextCaller = 50_000
  const transport: Transport = {
    async listen({ port }, handlers) {
      const bound = port === 0 ? nextPort++ : port
      if (listeners.has(bound))
        throw new MillraceError('PORT_IN_USE', `cannot listen on 127.0.0.1:${bound}: it is in use`)
      listeners.set(bound, handlers)
      return listenerOf(bound, listeners)
    },
    async dial({ port }) {
      const where = formatAddress({ host: '127.0.0.1', port })
      const listener = listeners.get(port)
      if (!listener || unplugged.has(port))
        throw new MillraceError('PEER_UNREACHABLE', `no peer answers at ${where}: nothing listens there`)
      const caller = formatAddress({ host: '127.0.0.1', port: nextCaller++ })
      const admission = listener.admit(caller)
      if (!admission.admitted) throw new MillraceError('LINK_REFUSED', `${where} takes no more links now`)
      const { near, far, pipe } = makePipe({ near: where, far: caller, port }, delay, () => pipes.delete(pipe))
      pipes.add(pipe)
      listener.accept(far)
      return near
    },
  }
  return {
    transport,
    cutAll() {
      const open = [...pipes]
      for (const pipe of open) pipe.cut(1006, 'cut')
      return open.length
    },
    unplug(port) {
      unplugged.add(port)
      for (const pipe of pipes) if (pipe.port === port) pipe.cut(1006, 'unplugged')
      return () => void unplugged.delete(port)
    },
    freezeAll() {
      for (const pipe of pipes) pipe.freeze()
    },
    get openConnections() {
      return pipes.size
    },
  }
}

function listenerOf(port: number, listeners: Map<number, ListenerHandlers>): Listener {
  return {
    host: '127.0.0.1',
    port,
    async stop() {
      listeners.delete(port)
    },
  }
}

function makePipe(
  addresses: { near: string; far: string; port: number },
  delay: Delay,
  over: () => void,
): { near: Connection; far: Connection; pipe: Pipe } {
  let frozen = false
  const near = new MemoryEnd(addresses.near, delay, () => frozen)
  const far = new MemoryEnd(addresses.far, delay, () => frozen)
  near.other = far
  far.other = near
  const cut = (code: number, reason: string) => {
    over()
    near.end(code, reason)
    far.end(code, reason)
  }
  near.over = over
  far.over = over
  return { near, far, pipe: { port: addresses.port, cut, freeze: () => void (frozen = true) } }
}

const nothing = new Uint8Array(0)

class MemoryEnd implements Connection {
  readonly remoteAddress: string
  readonly loopback = true
  readonly encrypted = false
  readonly binding = plainBinding
  other: MemoryEnd | undefined
  over: () => void = () => {}
  readonly #delay: Delay
  readonly #frozen: () => boolean
  #handlers: ConnectionHandlers | undefined
  #early: ((handlers: ConnectionHandlers) => void)[] = []
  /** On their way to this end, in order. */
  #arriving: ((handlers: ConnectionHandlers) => void)[] = []
  #underway = 0
  #ended = false

  constructor(remoteAddress: string, delay: Delay, frozen: () => boolean) {
    this.remoteAddress = remoteAddress
    this.#delay = delay
    this.#frozen = frozen
  }

  get bufferedBytes(): number {
    return this.#underway
  }

  start(handlers: ConnectionHandlers): void {
    this.#handlers = handlers
    for (const report of this.#early.splice(0)) report(handlers)
  }

  send(bytes: Uint8Array, body: Uint8Array = nothing): void {
    const { other } = this
    if (this.#ended || !other) return
    const copy = Buffer.concat([bytes, body])
    this.#underway += copy.length
    other.#arrive((handlers) => {
      handlers.message(copy)
      this.#underway -= copy.length
      this.#delay(() => !this.#ended && this.#handlers?.drained())
    })
  }

  trust(): void {}

  close(code: number, reason: string): void {
    if (this.#ended) return
    const { other } = this
    if (other) other.#arrive(() => other.end(code, reason))
    this.#delay(() => this.end(code, reason))
  }

  terminate(): void {
    this.other?.end(1006, '')
    this.end(1006, '')
  }

  end(code: number, reason: string): void {
    if (this.#ended) return
    this.#ended = true
    this.over()
    this.#arriving = []
    const report = (handlers: ConnectionHandlers) => this.#delay(() => handlers.closed(code, reason))
    if (this.#handlers) report(this.#handlers)
    else this.#early.push(report)
  }

  #arrive(event: (handlers: ConnectionHandlers) => void): void {
    this.#arriving.push(event)
    this.#delay(() => {
      if (this.#frozen()) return
      const next = this.#arriving.shift()
      if (!next || this.#ended) return
      if (this.#handlers) next(this.#handlers)
      else this.#early.push(next)
    })
  }
}
