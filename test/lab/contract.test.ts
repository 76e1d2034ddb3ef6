import { createORPCClient } from '@orpc/client'
import { RPCLink as PortLink } from '@orpc/client/message-port'
import { RPCLink as SocketLink } from '@orpc/client/websocket'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { MessageChannel } from 'node:worker_threads'
import { WebSocket } from 'ws'
import { acceptContractPort, ContractSockets } from '../../src/lab/index.ts'
import { labContract } from '../contract/lab-contract.ts'

labContract('a message port', async (lab) => {
  const { port1, port2 } = new MessageChannel()
  acceptContractPort(lab, port1)
  port1.start()
  port2.start()
  const close = async () => {
    port1.close()
    await once(port2, 'close')
  }
  return { client: createORPCClient(new PortLink({ port: port2 })), close }
})

labContract('a WebSocket', async (lab) => {
  const sockets = new ContractSockets(lab)
  const server = createServer()
  server.on('upgrade', (request, socket, head: Buffer) => sockets.accept(request, socket, head))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const websocket = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}/contract`)
  await once(websocket, 'open')
  const close = async () => {
    sockets.stop()
    await new Promise((resolve) => server.close(resolve))
  }
  return { client: createORPCClient(new SocketLink({ websocket: websocket as never })), close }
})
