import { connect, createServer, type Server, type Socket } from 'node:net'

/** Stands between two peers and can cut or freeze what goes through. */
export class TcpProxy {
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  readonly #backward = new Set<Socket>()
  #frozen = false
  /** Bytes after which the next connection is cut, if set. */
  cutAfterBytes: number | undefined

  private constructor(targetPort: number) {
    this.#server = createServer((near) => this.#join(near, connect(targetPort, '127.0.0.1')))
  }

  static async start(targetPort: number): Promise<TcpProxy> {
    const proxy = new TcpProxy(targetPort)
    await new Promise<void>((listening) => proxy.#server.listen(0, '127.0.0.1', () => listening()))
    return proxy
  }

  get address(): string {
    const address = this.#server.address()
    if (!address || typeof address === 'string') throw new Error('the proxy does not listen')
    return `127.0.0.1:${address.port}`
  }

  cut(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy()
  }

  /** Nothing goes through any more, both ways or only back to who dialled, and nobody is told. */
  freeze(way: 'both' | 'back' = 'both'): void {
    this.#frozen = way === 'both'
    for (const socket of way === 'both' ? this.#sockets : this.#backward) socket.pause()
  }

  async stop(): Promise<void> {
    this.cut()
    await new Promise<void>((closed) => this.#server.close(() => closed()))
  }

  #join(near: Socket, far: Socket): void {
    let left = this.cutAfterBytes ?? Infinity
    this.cutAfterBytes = undefined
    const over = () => {
      near.destroy()
      far.destroy()
    }
    const forward = (from: Socket, to: Socket) => {
      this.#sockets.add(from)
      from.on('error', over)
      from.on('close', () => {
        this.#sockets.delete(from)
        this.#backward.delete(from)
        over()
      })
      from.on('data', (chunk) => {
        const part = chunk.subarray(0, Math.max(0, left))
        left -= chunk.length
        if (!to.write(part)) {
          from.pause()
          to.once('drain', () => !this.#frozen && from.resume())
        }
        if (left <= 0) over()
      })
      if (this.#frozen) from.pause()
    }
    forward(near, far)
    forward(far, near)
    this.#backward.add(far)
  }
}
