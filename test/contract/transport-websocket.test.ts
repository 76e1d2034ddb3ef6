import { describe, expect, it } from 'vitest'
import { createWebSocketTransport } from '../../src/peer/index.ts'
import { transportContract } from './transport.ts'

describe('the transport over WebSockets', () => {
  transportContract(createWebSocketTransport)

  it('gives up a dial that is aborted', async () => {
    const abort = new AbortController()
    // An address of the block for documentation: nobody ever answers there.
    const dialling = createWebSocketTransport().dial(
      { host: '192.0.2.1', port: 9 },
      { maxPacketBytes: 1024, signal: abort.signal },
    )
    abort.abort()
    await expect(dialling).rejects.toMatchObject({ code: 'PEER_UNREACHABLE' })
  })

  it('says which address it cannot listen on, and why', async () => {
    const listening = createWebSocketTransport().listen(
      { host: '192.0.2.1', port: 0, hostNames: [], maxPacketBytes: 1024 },
      {
        admit: () => ({ admitted: true }),
        accept: () => {},
        request: () => ({ status: 404, body: {} }),
        noise: () => {},
      },
    )
    await expect(listening).rejects.toMatchObject({
      code: 'BIND_REFUSED',
      message: 'cannot listen on 192.0.2.1:0: no such address here',
    })
  })
})
