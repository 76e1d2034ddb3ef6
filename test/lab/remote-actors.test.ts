import { afterEach, describe, expect, it } from 'vitest'
import { DistributedNetwork } from '../../src/lab/index.ts'
import type { Spread } from '../../src/lab/spread.ts'
import { defineActor } from '../../src/runtime/index.ts'

let networks: DistributedNetwork[] = []
afterEach(async () => {
  await Promise.all(networks.map((network) => network.shutdown({ drainMs: 0 })))
  networks = []
})

const echo = defineActor({
  name: 'Echo',
  inports: { Input: {} },
  outports: { Output: {} },
  run: ({ inputs }) => ({ Output: inputs.Input }),
})

async function started(networkId: string, instanceId = '1', nodes = ['worker']): Promise<DistributedNetwork> {
  const network = new DistributedNetwork({ networkId, instanceId, authToken: `${networkId}-token` })
  networks.push(network)
  for (const node of nodes) network.registerLocalActor(node, echo, {}, { exported: true })
  await network.start()
  return network
}

/** Looks again each turn of the loop; the test's own time limit is the limit. */
async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await new Promise(setImmediate)
}

const receivedBy = (network: DistributedNetwork) =>
  network.local.snapshot().nodes.find(({ id }) => id === 'worker')?.received ?? 0

describe('a remote actor', () => {
  it('is called as its conflict strategy has it', async () => {
    const far = await started('far')
    const near = await started('near')
    await near.connectToNetwork(far.address ?? '', { token: 'far-token' })
    expect(await near.registerRemoteActor('worker', 'far')).toBe('worker@far')
    expect(await near.registerRemoteActor('worker', 'far', { conflict: 'networkPrefix' })).toBe('far_worker')
    expect(await near.registerRemoteActor('worker', 'far', { conflict: 'autoAlias' })).toBe('worker_2')
    expect(await near.registerRemoteActor('worker', 'far', { conflict: 'autoAlias' })).toBe('worker_3')
    expect(await near.registerRemoteActor('worker', 'far', { conflict: { manualAlias: 'helper' } })).toBe('helper')
    await expect(near.registerRemoteActor('worker', 'far', { conflict: 'fail' })).rejects.toMatchObject({
      code: 'NODE_DUPLICATE',
      message: expect.stringContaining('autoAlias') as string,
    })
    for (const conflict of ['fullyQualified', 'networkPrefix', { manualAlias: 'helper' }] as const)
      await expect(near.registerRemoteActor('worker', 'far', { conflict })).rejects.toMatchObject({
        code: 'NODE_DUPLICATE',
      })
    await near.unregisterLocalActor('worker')
    expect(await near.registerRemoteActor('worker', 'far', { conflict: 'fail' })).toBe('worker')
    expect(near.listRemoteActors()).toContainEqual({
      id: 'helper',
      actor: 'worker',
      networkId: 'far',
      isThere: true,
    })
    await near.unregisterRemoteActor('helper')
    expect(near.listRemoteActors().map(({ id }) => id)).toEqual([
      'worker@far',
      'far_worker',
      'worker_2',
      'worker_3',
      'worker',
    ])
  })

  it('that does not exist is an error where it is asked for', async () => {
    const far = await started('far')
    const near = await started('near')
    await near.connectToNetwork(far.address ?? '', { token: 'far-token' })
    await expect(near.registerRemoteActor('nobody', 'far')).rejects.toMatchObject({ code: 'NOT_EXPORTED' })
    await expect(near.registerRemoteActor('worker', 'nowhere')).rejects.toMatchObject({ code: 'PEER_UNKNOWN' })
    await expect(near.sendToRemoteActor('far', 'nobody', 'Input', 1)).rejects.toMatchObject({ code: 'NOT_EXPORTED' })
    await expect(near.sendToRemoteActor('far', 'worker', 'Nothing', 1)).rejects.toMatchObject({ code: 'PORT_UNKNOWN' })
  })

  it('is told apart from one that is gone when asked anew', async () => {
    const far = await started('far', '1', ['worker', 'helper'])
    const near = await started('near')
    await near.connectToNetwork(far.address ?? '', { token: 'far-token' })
    await near.registerRemoteActor('worker', 'far')
    await near.registerRemoteActor('helper', 'far')
    await far.unregisterLocalActor('helper')
    expect(await near.refreshRemoteActors()).toEqual({ there: ['worker@far'], gone: ['helper@far'] })
    await far.shutdown({ drainMs: 0 })
    await until(() => near.links()[0]?.state !== 'up')
    expect(await near.refreshRemoteActors()).toEqual({ there: [], gone: [] })
  })
})

describe('what a peer exports', () => {
  /** What one network hears of the exports of others, and who waits for more of it. */
  function news(network: DistributedNetwork) {
    const heard: string[] = []
    network.followExports(({ added, replaced, removed }) => {
      heard.push(...added.map((id) => `+${id}`), ...replaced.map((id) => `=${id}`), ...removed.map((id) => `-${id}`))
    })
    return heard
  }

  it('is told at once when it changes, and nothing else is', async () => {
    const far = await started('far')
    const near = await started('near', '1', [])
    const heard = news(near)
    await near.connectToNetwork(far.address ?? '', { token: 'far-token' })
    far.registerLocalActor('secret', echo)
    far.registerLocalActor('helper', echo, {}, { exported: true })
    await until(() => heard.includes('+helper'))
    await far.unregisterLocalActor('secret')
    await far.unregisterLocalActor('helper')
    await until(() => heard.includes('-helper'))
    expect(heard).toEqual(['+worker', '+helper', '-helper'])
  })

  it('is lost at its sender the moment it goes, and found the moment it is back', async () => {
    const far = await started('far')
    const near = await started('near', '1', [])
    const heard = news(near)
    await near.connectToNetwork(far.address ?? '', { token: 'far-token' })
    const id = await near.registerRemoteActor('worker', 'far')
    await near.sendToRemoteActor('far', 'worker', 'Input', 1)
    await until(() => receivedBy(far) === 1)
    await far.unregisterLocalActor('worker')
    await until(() => heard.includes('-worker'))
    expect(near.listRemoteActors()).toMatchObject([{ id, isThere: false }])
    await expect(near.sendToRemoteActor('far', 'worker', 'Input', 2)).rejects.toMatchObject({
      code: 'NOT_EXPORTED',
      message: 'the remote actor does not exist: far/1 no longer exports "worker"',
    })
    far.registerLocalActor('worker', echo, {}, { exported: true })
    await until(() => near.listRemoteActors()[0]?.isThere === true)
    await near.sendToRemoteActor('far', 'worker', 'Input', 3)
    await until(() => receivedBy(far) === 1)
    expect(near.links()).toMatchObject([{ lost: 0, reconnects: 0 }])
    expect(far.local.deadLetters()).toEqual([])
  })

  it('decides which of several instances a message goes to', async () => {
    const [without, offering] = [await started('far', '1', ['other']), await started('far', '2')]
    const near = await started('near', '1', [])
    const heard = news(near)
    await near.connectToNetwork(without.address ?? '', { token: 'far-token' })
    await near.connectToNetwork(offering.address ?? '', { token: 'far-token' })
    await until(() => heard.includes('+worker'))
    await near.sendToRemoteActor('far', 'worker', 'Input', 1)
    await until(() => receivedBy(offering) === 1)
  })
})

describe('several instances of one network', () => {
  /** `api` has a node that sends to the workers, and one that takes what they answer. */
  async function shared(spread: Spread, count = 3) {
    const workers = await Promise.all(Array.from({ length: count }, (_, index) => started('workers', `${index + 1}`)))
    const api = new DistributedNetwork({ networkId: 'api', instanceId: '1' })
    networks.push(api)
    const answers: unknown[] = []
    const sink = defineActor({
      name: 'Sink',
      inports: { Input: {} },
      run: ({ inputs }) => void answers.push(inputs.Input),
    })
    api.registerLocalActor('source', echo)
    api.registerLocalActor('sink', sink)
    await api.start()
    for (const worker of workers) await api.connectToNetwork(worker.address ?? '', { token: 'workers-token' })
    const id = await api.registerRemoteActor('worker', 'workers', { spread })
    api.connect({ node: 'source', port: 'Output' }, { node: id, port: 'Input' })
    api.connect({ node: id, port: 'Output' }, { node: 'sink', port: 'Input' })
    // A subscription is open once the egress of every subscribed instance is there.
    const subscribed = spread === 'pick' ? workers.slice(0, 1) : workers
    await until(() => subscribed.every((worker) => worker.local.snapshot().nodes.some(({ role }) => role === 'egress')))
    let next = 0
    const send = async (messages: number) => {
      for (let sent = 0; sent < messages; sent++) await api.local.send('source', 'Input', next++)
    }
    return { workers, api, answers, send }
  }

  it('take turns', async () => {
    const { workers, answers, send } = await shared('round-robin')
    await send(30)
    await until(() => answers.length === 30)
    expect(workers.map(receivedBy)).toEqual([10, 10, 10])
    expect([...answers].sort((left, right) => Number(left) - Number(right))).toEqual(
      Array.from({ length: 30 }, (_, n) => n),
    )
  })

  it('take turns without the one that is down, and with it again when it is back', async () => {
    const { workers, api, answers, send } = await shared('round-robin')
    const [first, second, third] = workers as [DistributedNetwork, DistributedNetwork, DistributedNetwork]
    const address = second.address ?? ''
    await second.shutdown({ drainMs: 0 })
    await until(() => api.links().some(({ peer, state }) => peer === 'workers/2' && state !== 'up'))
    await send(20)
    await until(() => answers.length === 20)
    expect([receivedBy(first), receivedBy(third)]).toEqual([10, 10])
    const back = new DistributedNetwork({
      networkId: 'workers',
      instanceId: '2',
      authToken: 'workers-token',
      bindPort: Number(address.split(':')[1]),
    })
    networks.push(back)
    back.registerLocalActor('worker', echo, {}, { exported: true })
    await back.start()
    api.reconnectToNetwork(address)
    await until(() => api.links().some(({ peer, state }) => peer === 'workers/2' && state === 'up'))
    await until(() => back.local.snapshot().nodes.some(({ role }) => role === 'egress'))
    await send(30)
    await until(() => answers.length === 50)
    expect(receivedBy(back)).toBe(10)
  })

  it('send all to the first by name that is up, and go back to it', async () => {
    const { workers, api, answers, send } = await shared('pick', 2)
    const [first, second] = workers as [DistributedNetwork, DistributedNetwork]
    await send(5)
    await until(() => answers.length === 5)
    expect(receivedBy(first)).toBe(5)
    const address = first.address ?? ''
    await first.shutdown({ drainMs: 0 })
    await until(() => second.local.snapshot().nodes.some(({ role }) => role === 'egress'))
    await send(5)
    await until(() => answers.length === 10)
    expect(receivedBy(second)).toBe(5)
    const back = new DistributedNetwork({
      networkId: 'workers',
      instanceId: '1',
      authToken: 'workers-token',
      bindPort: Number(address.split(':')[1]),
    })
    networks.push(back)
    back.registerLocalActor('worker', echo, {}, { exported: true })
    await back.start()
    api.reconnectToNetwork(address)
    await until(() => back.local.snapshot().nodes.some(({ role }) => role === 'egress'))
    await send(5)
    await until(() => answers.length === 15)
    expect(receivedBy(back)).toBe(5)
  })

  it('wait for whichever has room first when all are full', async () => {
    const releases: (() => void)[] = []
    const workers = ['1', '2'].map((instanceId) => {
      const worker = new DistributedNetwork({ networkId: 'workers', instanceId, authToken: 'workers-token' })
      networks.push(worker)
      const held = new Promise<void>((resolve) => releases.push(resolve))
      const actor = defineActor({ name: 'Held', inports: { Input: { capacity: 10 } }, run: () => held })
      worker.registerLocalActor('worker', actor, {}, { exported: true })
      return worker
    })
    const api = await started('api')
    for (const worker of workers) {
      await worker.start()
      await api.connectToNetwork(worker.address ?? '', { token: 'workers-token' })
    }
    const id = await api.registerRemoteActor('worker', 'workers', { spread: 'least-loaded' })
    let sent = 0
    const sending = (async () => {
      for (; sent < 6_000; sent++) await api.local.send(id, 'Input', sent)
    })()
    const isFull = () => api.links().every(({ channels: [channel] }) => channel?.credit === 0)
    await until(isFull)
    releases[1]?.()
    // Were one chosen for good while both are full, it could be the one that is never free again.
    await sending
    const [stuck, free] = workers.map((worker) => receivedBy(worker))
    expect(stuck).toBeLessThan(100)
    expect(free).toBeGreaterThan(2_500)
    releases[0]?.()
    await until(() => workers.reduce((sum, worker) => sum + receivedBy(worker), 0) === 6_000)
  })

  it('give least to the one that is behind', async () => {
    let free: () => void = () => undefined
    const held = new Promise<void>((resolve) => (free = resolve))
    const slow = new DistributedNetwork({ networkId: 'workers', instanceId: '1', authToken: 'workers-token' })
    networks.push(slow)
    const slowActor = defineActor({ name: 'Slow', inports: { Input: { capacity: 10 } }, run: () => held })
    slow.registerLocalActor('worker', slowActor, {}, { exported: true })
    await slow.start()
    const fast = await started('workers', '2')
    const api = await started('api')
    for (const worker of [slow, fast]) await api.connectToNetwork(worker.address ?? '', { token: 'workers-token' })
    const id = await api.registerRemoteActor('worker', 'workers', { spread: 'least-loaded' })
    const sentTo = (peer: string) => api.links().find((link) => link.peer === peer)?.sent ?? 0
    // What is under way stays well below what the links have room for, so that there is always one with more room.
    for (let sent = 0; sent < 3_000;) {
      for (const end = sent + 100; sent < end; sent++) await api.local.send(id, 'Input', sent)
      await until(() => receivedBy(fast) + sentTo('workers/1') + 200 > sent)
    }
    expect(sentTo('workers/1')).toBeLessThan(1_000)
    free()
    await until(() => receivedBy(fast) + receivedBy(slow) === 3_000)
  })
})
