import { connect, createServer, type Server, type Socket } from 'node:net'
import { Random } from './random.ts'

/** What a proxy does to the bytes of connections that are made from now on; each way has a share of its own. */
export interface Faults {
  /** Every piece waits so long, and up to `jitterMs` more; the order is kept. */
  delayMs?: number
  jitterMs?: number
  /** Bytes per second. */
  rate?: number
  /** Ends the connection after so many bytes, whichever way they went. */
  cutAfterBytes?: number
  /** How it is ended: a FIN of one side only, or a reset of both. */
  cut?: 'reset' | 'half-close'
  /** Takes everything and forwards nothing, both ways or only back to who dialled. */
  blackHole?: 'both' | 'back'
  /** One byte at a time, with a pause after each. */
  slowLorisMs?: number
  /** The probability that a byte arrives with one bit changed. */
  flip?: number
}

/** A TCP proxy on this machine that does to connections what networks do; chance comes from its seed. */
export class FaultProxy {
  faults: Faults = {}
  /** Of the next connection alone, instead of `faults`. */
  next: Faults | undefined
  readonly #server: Server
  readonly #pairs = new Set<() => void>()
  readonly #random: Random
  #connections = 0
  #swallows = false

  private constructor(targetPort: number, seed: number) {
    this.#random = new Random(seed)
    this.#server = createServer({ allowHalfOpen: true }, (near) => this.#join(near, targetPort))
  }

  static async start(targetPort: number, seed = 1): Promise<FaultProxy> {
    const proxy = new FaultProxy(targetPort, seed)
    await new Promise<void>((listening) => proxy.#server.listen(0, '127.0.0.1', () => listening()))
    return proxy
  }

  get address(): string {
    const address = this.#server.address()
    if (!address || typeof address === 'string') throw new Error('the proxy does not listen')
    return `127.0.0.1:${address.port}`
  }

  /** Connections made so far. */
  get connections(): number {
    return this.#connections
  }

  /** Resets every connection. */
  cut(): void {
    for (const reset of this.#pairs) reset()
  }

  /** From now on every connection stays, and nothing passes any more. */
  swallow(): void {
    this.#swallows = true
  }

  async stop(): Promise<void> {
    this.cut()
    await new Promise<void>((closed) => this.#server.close(() => closed()))
  }

  #join(near: Socket, targetPort: number): void {
    this.#connections++
    const far = connect({ port: targetPort, host: '127.0.0.1', allowHalfOpen: true })
    const faults = this.next ?? this.faults
    this.next = undefined
    const reset = () => {
      this.#pairs.delete(reset)
      near.resetAndDestroy()
      far.resetAndDestroy()
    }
    this.#pairs.add(reset)
    let left = faults.cutAfterBytes ?? Infinity
    const spend = (chunk: Buffer) => {
      const part = chunk.subarray(0, Math.max(0, left))
      left -= chunk.length
      return part
    }
    const over = (to: Socket) => {
      if (left > 0) return
      if (faults.cut === 'half-close') to.end()
      else reset()
    }
    this.#forward(near, far, { ...faults, ...(faults.blackHole === 'back' && { blackHole: undefined }) }, spend, over)
    this.#forward(far, near, faults, spend, over)
    for (const socket of [near, far]) socket.on('error', reset).on('close', reset)
  }

  #forward(
    from: Socket,
    to: Socket,
    faults: { [Fault in keyof Faults]?: Faults[Fault] | undefined },
    spend: (chunk: Buffer) => Buffer,
    over: (to: Socket) => void,
  ): void {
    let clearMs = 0
    const later = (run: () => void, bytes: number) => {
      const { delayMs = 0, jitterMs = 0, rate = Infinity } = faults
      const nowMs = performance.now()
      if (delayMs + jitterMs === 0 && rate === Infinity) return run()
      // A piece never overtakes the one before it.
      clearMs = Math.max(clearMs, nowMs + delayMs + this.#random.next() * jitterMs) + (1000 * bytes) / rate
      setTimeout(run, clearMs - nowMs)
    }
    from.on('data', (chunk: Buffer) => {
      if (faults.blackHole || this.#swallows) return
      if (faults.slowLorisMs !== undefined) return this.#drip(from, to, chunk, faults.slowLorisMs)
      const part = this.#flip(spend(chunk), faults.flip ?? 0)
      from.pause()
      later(() => {
        if (to.destroyed) return
        if (to.write(part)) from.resume()
        else to.once('drain', () => from.resume())
        over(to)
      }, part.length)
    })
    from.on('end', () => later(() => to.end(), 0))
  }

  #drip(from: Socket, to: Socket, chunk: Buffer, pauseMs: number): void {
    from.pause()
    let index = 0
    const next = () => {
      if (to.destroyed) return
      to.write(chunk.subarray(index, ++index))
      if (index < chunk.length) setTimeout(next, pauseMs)
      else from.resume()
    }
    next()
  }

  #flip(bytes: Buffer, probability: number): Buffer {
    if (probability === 0) return bytes
    const changed = Buffer.from(bytes)
    for (let index = 0; index < changed.length; index++)
      if (this.#random.chance(probability)) changed[index] = (changed[index] ?? 0) ^ (1 << this.#random.below(8))
    return changed
  }
}
