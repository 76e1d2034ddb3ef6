import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { RPCHandler } from '@orpc/server/ws'
import { WebSocketServer } from 'ws'
import { contractRouter } from './contract-router.ts'
import type { Lab } from './lab.ts'

const maxPayloadBytes = 4 * 1024 * 1024

/** Speaks the contract of a lab over the WebSockets that a door lets in. */
export class ContractSockets {
  readonly #lab: Lab
  readonly #server = new WebSocketServer({ noServer: true, perMessageDeflate: false, maxPayload: maxPayloadBytes })

  constructor(lab: Lab) {
    this.#lab = lab
  }

  /** Takes over an upgrade request; the door has checked cookie, Host and Origin before. */
  accept(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    // Without listeners an error of a socket would end the process.
    socket.on('error', () => socket.destroy())
    this.#server.handleUpgrade(request, socket, head, (webSocket) => {
      webSocket.on('error', (error) => this.#lab.log('warn', `a window's connection failed: ${error.message}`))
      void new RPCHandler(contractRouter(this.#lab)).upgrade(webSocket)
    })
  }

  /** Closes every connection. */
  stop(): void {
    for (const client of this.#server.clients) client.terminate()
    this.#server.close()
  }
}
