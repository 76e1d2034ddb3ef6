import { networkInterfaces } from 'node:os'
import { afterEach, describe, expect, it } from 'vitest'
import { DistributedNetwork, type DistributedConfig, type DistributedLogLine } from '../../src/lab/index.ts'
import { requestPeer, parseAddress } from '../../src/peer/index.ts'
import { defineActor } from '../../src/runtime/index.ts'

let networks: DistributedNetwork[] = []
let lines: DistributedLogLine[] = []
afterEach(async () => {
  await Promise.all(networks.map((network) => network.shutdown({ drainMs: 0 })))
  networks = []
  lines = []
})

async function started(networkId: string, config: Partial<DistributedConfig> = {}): Promise<DistributedNetwork> {
  const log = (line: DistributedLogLine) => void lines.push(line)
  const network = new DistributedNetwork({
    networkId,
    instanceId: '1',
    authToken: `${networkId}-token`,
    log,
    ...config,
  })
  networks.push(network)
  network.registerLocalActor(
    'sink',
    defineActor({ name: 'Sink', inports: { Input: {} }, run: () => undefined }),
    {},
    { exported: true },
  )
  await network.start()
  return network
}

const found = async (network: DistributedNetwork, filter = {}) =>
  (await network.discoverNetworks(filter)).map(({ networkId, instanceId }) => `${networkId}/${instanceId}`).sort()

/** Looks again until it is so. */
async function until(isTrue: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isTrue())) await new Promise(setImmediate)
}

const get = async (network: DistributedNetwork, path: string) =>
  requestPeer({ target: parseAddress(network.address ?? ''), method: 'GET', path, timeoutMs: 5_000 })

describe('discovery by a registry', () => {
  it('lets instances find each other by capability and tag, and forgets those that stop', async () => {
    const registry = await started('registry', { registry: true })
    const discoveryEndpoints = [`http://${registry.address}`]
    const data = await started('data', { discoveryEndpoints, tags: ['eu'] })
    const ml = await started('ml', { discoveryEndpoints, capabilities: ['training'] })
    await until(async () => (await found(data)).length === 1 && (await found(ml)).length === 1)
    expect(await found(data, { capability: 'training' })).toEqual(['ml/1'])
    expect(await found(data, { capability: 'actor_messaging', tag: 'us' })).toEqual([])
    expect(await found(ml, { tag: 'eu' })).toEqual(['data/1'])
    await ml.shutdown()
    expect(await found(data)).toEqual([])
    expect(JSON.parse((await get(registry, '/networks')).text)).toMatchObject([
      { network_id: 'data', endpoint: data.address, capabilities: ['actor_messaging'], tags: ['eu'] },
    ])
  })

  it('links with every instance of a network that is found, also those that come later', async () => {
    const registry = await started('registry', { registry: true })
    const discoveryEndpoints = [registry.address ?? '']
    const workers = { authToken: 'workers-token', discoveryEndpoints }
    await started('workers', workers)
    const api = await started('api', { discoveryEndpoints })
    api.dial('network:workers', { token: 'workers-token' })
    const up = () => api.links().filter(({ state, secure }) => state === 'up' && secure)
    await until(() => up().length === 1)
    api.disconnectFromNetwork('network:workers')
    await until(() => up().length === 0)
    await started('workers', { ...workers, instanceId: '2' })
    api.dial('network:workers', { token: 'workers-token' })
    await until(() => up().length === 2)
    expect(
      up()
        .map(({ peer }) => peer)
        .sort(),
    ).toEqual(['workers/1', 'workers/2'])
  })

  it('says once that a registry cannot be reached, or that there is none, and goes on', async () => {
    const plain = await started('plain')
    const data = await started('data', { discoveryEndpoints: ['127.0.0.1:9', plain.address ?? ''] })
    const warnings = () => lines.filter(({ level }) => level === 'warn').map(({ text }) => text)
    await until(() => warnings().length === 2)
    expect(warnings().join('\n')).toContain('cannot register at 127.0.0.1:9: nothing answers')
    expect(warnings().join('\n')).toContain('serves no registry: set "registry": true')
    await expect(data.discoverNetworks()).rejects.toMatchObject({ code: 'PEER_UNREACHABLE' })
  })
})

const multicast = Object.values(networkInterfaces()).some((addresses) => addresses?.some(({ internal }) => !internal))

describe('discovery in the local network', () => {
  it.skipIf(!multicast)(
    'finds instances without a registry (skipped where there is no network but loopback)',
    async () => {
      const tag = `test-${process.pid}-${Date.now()}`
      const data = await started('data', { mdns: true, tags: [tag] })
      const ml = await started('ml', { mdns: true, tags: [tag] })
      await until(async () => (await found(data, { tag })).length === 1 && (await found(ml, { tag })).length === 1)
      const [seen] = await ml.discoverNetworks({ tag })
      expect(seen).toMatchObject({ networkId: 'data', source: 'lan', secure: false, tags: [tag] })
      await data.shutdown()
      await until(async () => (await found(ml, { tag })).length === 0)
    },
  )
})
