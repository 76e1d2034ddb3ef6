import type { SupportedMessagePort } from '@orpc/client/message-port'
import { RPCHandler } from '@orpc/server/message-port'
import { contractRouter } from './contract-router.ts'
import type { Lab } from './lab.ts'

/** Speaks the contract of a lab over a message port: a window's in Electron, or one between threads. The caller starts the port. */
export function acceptContractPort(lab: Lab, port: SupportedMessagePort): void {
  new RPCHandler(contractRouter(lab)).upgrade(port)
}
