import { createServer, type AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { tryConnection } from '../../src/lab/connection-trial.ts'
import { DistributedNetwork, type DistributedConfig } from '../../src/lab/index.ts'
import { defineActor } from '../../src/runtime/index.ts'
import { makeCertificate } from '../peer/certificate.ts'

const networks: DistributedNetwork[] = []
afterEach(async () => {
  await Promise.all(networks.splice(0).map((network) => network.shutdown({ drainMs: 0 })))
})

async function listening(config: Partial<DistributedConfig> = {}): Promise<string> {
  const network = new DistributedNetwork({ networkId: 'data', instanceId: 'data_001', authToken: 'secret', ...config })
  networks.push(network)
  const sink = defineActor({ name: 'Sink', inports: { Input: { kind: 'integer' } }, run: () => undefined })
  network.registerLocalActor('sink', sink, {}, { exported: true })
  await network.start()
  return network.address ?? ''
}

const outcomes = (trial: Awaited<ReturnType<typeof tryConnection>>) =>
  trial.steps.map(({ step, outcome, code }) => [step, code ?? outcome].join(' '))

describe('trying a connection', () => {
  it('tells of every step, and what the peer exports', async () => {
    const endpoint = await listening()
    const trial = await tryConnection({ endpoint, token: 'secret' })
    expect(outcomes(trial)).toEqual(['address ok', 'port ok', 'tls skipped', 'version ok', 'token ok', 'exports ok'])
    expect(trial).toMatchObject({
      works: true,
      peer: { networkId: 'data', instanceId: 'data_001' },
      nodes: [{ id: 'sink', inports: [{ name: 'Input', kind: 'integer' }], outports: [] }],
    })
  })

  it('stops at a token that is wrong, or missing', async () => {
    const endpoint = await listening()
    const expected = ['address ok', 'port ok', 'tls skipped', 'version ok', 'token AUTH_FAILED', 'exports skipped']
    const wrong = await tryConnection({ endpoint, token: 'guess' })
    expect(outcomes(wrong)).toEqual(expected)
    expect(wrong.works).toBe(false)
    expect(outcomes(await tryConnection({ endpoint }))).toEqual(expected)
  })

  it('shows the fingerprint of a certificate that is not trusted, and goes on once it is given', async () => {
    const { fingerprint, ...tls } = await makeCertificate()
    const endpoint = await listening({ tls })
    const first = await tryConnection({ endpoint: `wss://${endpoint}`, token: 'secret' })
    expect(outcomes(first).slice(0, 4)).toEqual(['address ok', 'port ok', 'tls TLS_UNTRUSTED', 'version skipped'])
    expect(first.fingerprint).toBe(fingerprint)
    const second = await tryConnection({ endpoint, token: 'secret', fingerprint: first.fingerprint })
    expect(second.works).toBe(true)
    expect(second.steps[2]).toMatchObject({ outcome: 'ok', detail: expect.stringContaining('TLSv1.3') as string })
  })

  it('tells a wrong address, a closed port and another program apart', async () => {
    expect(outcomes(await tryConnection({ endpoint: 'nowhere' }))[0]).toBe('address USAGE')
    expect(outcomes(await tryConnection({ endpoint: '127.0.0.1:9' })).slice(0, 2)).toEqual([
      'address ok',
      'port PEER_UNREACHABLE',
    ])
    const server = createServer((socket) =>
      socket
        .on('error', () => undefined)
        .resume()
        .end('220 mail\r\n'),
    )
    await new Promise<void>((bound) => server.listen(0, '127.0.0.1', bound))
    const { port } = server.address() as AddressInfo
    const other = await tryConnection({ endpoint: `127.0.0.1:${port}`, token: 'secret' })
    expect(outcomes(other)[3]).toBe('version PEER_UNREACHABLE')
    await new Promise((closed) => server.close(closed))
  })
})
