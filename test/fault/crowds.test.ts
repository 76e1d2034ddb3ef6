import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { createWebSocketTransport } from '../../src/peer/index.ts'
import { makePeer, type TestPeer } from '../peer/kit.ts'
import { FaultProxy } from './fault-proxy.ts'
import { report } from './report.ts'
import { isLong } from './scale.ts'
import { buildPeerProcess, PeerProcess } from './start-peer.ts'

const running: { stop(): Promise<void> }[] = []
beforeAll(buildPeerProcess)
afterEach(async () => {
  await Promise.all(running.splice(0).map((each) => each.stop()))
})

function start(name: string): TestPeer {
  const peer = makePeer(name, { transport: createWebSocketTransport() })
  running.push(peer.endpoint)
  return peer
}

async function openSilently(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1').on('error', () => undefined)
  await once(socket, 'connect')
  return socket
}

describe('an instance among many', () => {
  const strangers = isLong ? 1000 : 100

  it(`lets a peer in while ${strangers} connections say nothing`, async () => {
    const there = await PeerProcess.start({ name: 'there' }, ['--expose-gc'])
    running.push(there)
    const before = await there.tell({ type: 'look' })
    const port = Number(there.address.split(':')[1])
    const sockets = await Promise.all(Array.from({ length: strangers }, () => openSilently(port)))
    const here = start('here')
    const beganMs = performance.now()
    here.endpoint.dial(there.address, { token: 'token' })
    await here.endpoint.connected(there.address)
    const linkedMs = performance.now() - beganMs
    const crowded = await there.tell({ type: 'look' })
    const open = sockets.filter((socket) => !socket.closed).length
    if (isLong) await Promise.all(sockets.map((socket) => socket.closed || once(socket, 'close')))
    for (const socket of sockets) socket.destroy()
    const after = await there.tell({ type: 'look' })
    report('silent connections', {
      strangers,
      linkedMs: Math.round(linkedMs),
      open,
      heapKiB: [before, crowded, after].map(({ heapBytes }) => Math.round(heapBytes / 1024)),
      rssMiB: [before, crowded, after].map(({ rssBytes }) => Math.round(rssBytes / 1024 / 1024)),
    })
    // Waited for 5 s at the most, as each of them is; all of them were still there, so that none had made room.
    expect(open).toBe(strangers)
    expect(after.links).toMatchObject([{ state: 'up', peer: 'here/here_001' }])
  })

  if (isLong)
    it('keeps a thousand idle links in less than 30 KB each', { timeout: 300_000 }, async () => {
      const links = 1000
      const there = await PeerProcess.start({ name: 'there', maxConnections: 2 * links }, ['--expose-gc'])
      running.push(there)
      // What the first link needs once is not counted.
      await join('first', there.address)
      const before = await there.tell({ type: 'look' })
      // An instance lets few strangers in at a time.
      for (let index = 0; index < links; index += 10)
        await Promise.all(Array.from({ length: 10 }, (_, place) => join(`peer${index + place}`, there.address)))
      // Heartbeats have passed, a look and a collection more let go of what was in use.
      await new Promise((done) => setTimeout(done, 6_000))
      await there.tell({ type: 'look' })
      const after = await there.tell({ type: 'look' })
      const heapPerLink = (after.heapBytes - before.heapBytes) / links
      report('idle links', {
        links: after.links.length,
        up: after.links.filter(({ state }) => state === 'up').length,
        heapPerLink: Math.round(heapPerLink),
        rssPerLink: Math.round((after.rssBytes - before.rssBytes) / links),
      })
      expect(after.links.filter(({ state }) => state === 'up')).toHaveLength(links + 1)
      expect(heapPerLink).toBeLessThan(30_000)
    })

  async function join(name: string, address: string): Promise<void> {
    const peer = start(name)
    peer.endpoint.dial(address, { token: 'token' })
    await peer.endpoint.connected(address)
  }

  if (isLong)
    it('suspects a peer that a black hole swallowed within 3 s, and gives it up within 10', async () => {
      const there = start('there')
      const { port } = await there.endpoint.start()
      const times: { suspectedMs: number; downMs: number }[] = []
      for (let runs = 0; runs < 3; runs++) {
        const proxy = await FaultProxy.start(port)
        running.unshift(proxy)
        const here = start(`here${runs}`)
        here.endpoint.dial(proxy.address, { token: 'there_token' })
        await here.endpoint.connected(proxy.address)
        // Heartbeats have to pass both ways first.
        await new Promise((done) => setTimeout(done, 3_000 + 700 * runs))
        proxy.swallow()
        const beganMs = performance.now()
        await here.event('linkSuspect')
        const suspectedMs = Math.round(performance.now() - beganMs)
        await here.event('linkDown')
        times.push({ suspectedMs, downMs: Math.round(performance.now() - beganMs) })
        here.endpoint.links()
      }
      report('black hole', { times })
      for (const { suspectedMs, downMs } of times) {
        expect(suspectedMs).toBeLessThan(3_000)
        expect(downMs).toBeLessThan(10_000)
      }
    })
})
