import type { Connection, ConnectionHandlers } from './transport.ts'

const maxHeld = 1024

/** Stands between a connection and whoever listens to it: first the handshake, then the link; holds what comes in between. */
export class Handover implements ConnectionHandlers {
  readonly #connection: Connection
  #to: ConnectionHandlers | undefined
  #held: Uint8Array[] = []
  #end: { code: number; reason: string } | undefined

  constructor(connection: Connection, first: ConnectionHandlers) {
    this.#connection = connection
    this.#to = first
    connection.start(this)
  }

  /** Whether the connection has ended. */
  get ended(): boolean {
    return this.#end !== undefined
  }

  /** Holds everything until `use`. */
  hold(): void {
    this.#to = undefined
  }

  use(handlers: ConnectionHandlers): void {
    this.#to = handlers
    for (const bytes of this.#held.splice(0)) handlers.message(bytes)
    if (this.#end) handlers.closed(this.#end.code, this.#end.reason)
  }

  message(bytes: Uint8Array): void {
    if (this.#to) this.#to.message(bytes)
    else if (this.#held.length < maxHeld) this.#held.push(bytes)
    else this.#connection.terminate()
  }

  drained(): void {
    this.#to?.drained()
  }

  closed(code: number, reason: string): void {
    this.#end = { code, reason }
    this.#to?.closed(code, reason)
  }
}
