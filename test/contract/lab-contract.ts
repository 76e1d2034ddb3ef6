import type { ContractRouterClient } from '@orpc/contract'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { DistributedNetwork, openLab, type Lab } from '../../src/lab/index.ts'
import type { Contract } from '../../src/shared/index.ts'

type Client = ContractRouterClient<Contract>

/** Connects a client to a lab by some carrier; `close` ends the carrier. */
export type ConnectClient = (lab: Lab) => Promise<{ client: Client; close: () => Promise<void> }>

const edge = (nodeId: string, portId: string) => ({
  nodeId,
  portId,
  portName: '',
  expose: false,
  portType: { type: 'any' },
})
const graph = {
  caseSensitive: true,
  properties: { name: 'g' },
  processes: {
    ticks: { id: 'ticks', component: 'Interval', metadata: { intervalMs: 2, value: 'count' } },
    logger: { id: 'logger', component: 'DistributedLogger' },
  },
  connections: [{ from: edge('ticks', 'Output'), to: edge('logger', 'Input') }],
}

/** As long as `expect.poll` looks; by itself it would be a second, which a busy machine may need for one answer. */
const patient = { timeout: 30_000 }

/** What every carrier of the contract has to do. */
export function labContract(name: string, connect: ConnectClient): void {
  describe(`the contract over ${name}`, () => {
    let folder: string
    let lab: Lab
    let client: Client
    let close: () => Promise<void>

    beforeEach(async () => {
      folder = mkdtempSync(path.join(tmpdir(), 'millrace-contract-'))
      writeFileSync(path.join(folder, 'g.graph.json'), JSON.stringify(graph))
      const instances = [{ networkId: 'n', instanceId: '1', graph: 'g.graph.json', isolation: 'inline' }]
      const file = path.join(folder, 'a.lab.json')
      writeFileSync(file, JSON.stringify({ millrace: 1, name: 'contract', instances }))
      lab = openLab({ file, door: 'browser', workerFile: 'none', consent: 'ask', stateDir: path.join(folder, 'state') })
      ;({ client, close } = await connect(lab))
    })
    afterEach(async () => {
      await close()
      await lab.abandon()
      rmSync(folder, { recursive: true })
    })

    it('shows the lab and its catalogue before anything runs', async () => {
      const shown = await client.lab.get({})
      expect(shown).toMatchObject({ name: 'contract', door: 'browser', trust: { trusted: false } })
      expect(shown.instances[0]).toMatchObject({
        instance: 'n/1',
        state: 'stopped',
        nodes: [{ id: 'ticks', outports: ['Output'] }, { id: 'logger' }],
      })
      const catalogue = await client.lab.catalogue({})
      expect(catalogue.find((actor) => actor.name === 'HttpFront')?.config).toMatchObject({
        properties: { port: { format: 'port' } },
      })
    })

    it('carries errors with their codes, and no stack', async () => {
      await expect(client.instances.startAll({})).rejects.toMatchObject({ code: 'NOT_TRUSTED' })
      await client.lab.trust({})
      await expect(client.instances.start({ instance: 'x/9' })).rejects.toMatchObject({
        code: 'INSTANCE_UNKNOWN',
        message: expect.stringContaining('n/1') as string,
      })
      await expect(client.logs.recent({ limit: 'many' as unknown as number })).rejects.toMatchObject({
        code: 'BAD_REQUEST',
      })
    })

    it('tries, adds, reconnects and removes a peer while the instance runs', async () => {
      const peer = new DistributedNetwork({ networkId: 'far', instanceId: '1', authToken: 'far-token' })
      await peer.start()
      const endpoint = peer.address ?? ''
      const link = () => peer.links().find((candidate) => candidate.peer === 'n/1')
      /** Up as both sides see it. */
      const linked = async () => {
        while (link()?.state !== 'up' || lab.metrics()[0]?.links[0]?.state !== 'up') await new Promise(setImmediate)
      }
      try {
        await client.lab.trust({})
        await client.instances.start({ instance: 'n/1' })
        expect(await client.links.try({ endpoint, token: 'far-token' })).toMatchObject({
          works: true,
          peer: { networkId: 'far' },
        })
        await client.links.add({ instance: 'n/1', endpoint, token: 'far-token' })
        await linked()
        expect((await client.links.ping({ instance: 'n/1', networkId: 'far' })).rttMs).toBeGreaterThan(0)
        expect(await client.links.directory({ instance: 'n/1', networkId: 'far' })).toEqual([])
        await client.links.reconnect({ instance: 'n/1', endpoint })
        while (link()?.reconnects !== 1) await new Promise(setImmediate)
        peer.changeTokens(['far-next', 'far-token'])
        await client.links.changePeerTokens({ instance: 'n/1', endpoint, token: 'far-next' })
        peer.changeTokens(['far-next'])
        expect(link()).toMatchObject({ state: 'up', key: 'token-1' })
        await client.links.reconnect({ instance: 'n/1', endpoint })
        while (link()?.key !== 'token-2') await new Promise(setImmediate)
        const named = 'mr1_2026-q4_0123456789abcdef'
        expect(await client.links.changeTokens({ instance: 'n/1', tokens: [named] })).toEqual({ keys: ['2026-q4'] })
        await expect(client.links.changeTokens({ instance: 'n/1', tokens: ['${env:NO_SUCH}'] })).rejects.toMatchObject({
          code: 'TOKEN_MISSING',
        })
        await client.instances.restart({ instance: 'n/1' })
        while (link()?.state !== 'up') await new Promise(setImmediate)
        await client.links.remove({ instance: 'n/1', endpoint })
        while (link()?.state === 'up') await new Promise(setImmediate)
        await expect(client.links.reconnect({ instance: 'n/1', endpoint })).rejects.toMatchObject({
          code: 'PEER_UNKNOWN',
        })
        await expect(client.links.add({ instance: 'n/1', endpoint: 'nowhere' })).rejects.toMatchObject({
          code: 'USAGE',
        })
      } finally {
        await peer.shutdown({ drainMs: 0 })
      }
    })

    it('delays and cuts a link on purpose, and lets it through again', async () => {
      const peer = new DistributedNetwork({ networkId: 'far', instanceId: '1' })
      await peer.start()
      const endpoint = peer.address ?? ''
      const shown = () => lab.metrics()[0]?.links[0]
      const until = async (met: () => boolean) => {
        while (!met()) await new Promise(setImmediate)
      }
      try {
        await client.lab.trust({})
        await client.instances.start({ instance: 'n/1' })
        await expect(client.links.disturb({ instance: 'n/1', endpoint })).rejects.toMatchObject({
          code: 'PEER_UNKNOWN',
        })
        await client.links.add({ instance: 'n/1', endpoint })
        await until(() => shown()?.state === 'up')
        const disturbance = { delayMs: 30, jitterMs: 0, isCut: false }
        await client.links.disturb({ instance: 'n/1', endpoint, disturbance })
        expect((await client.links.ping({ instance: 'n/1', networkId: 'far' })).rttMs).toBeGreaterThanOrEqual(59)
        await client.links.disturb({ instance: 'n/1', endpoint, disturbance: { ...disturbance, isCut: true } })
        await until(() => shown()?.state === 'down')
        expect(shown()?.disturbance).toEqual({ ...disturbance, isCut: true })
        await client.links.disturb({ instance: 'n/1', endpoint })
        await client.links.reconnect({ instance: 'n/1', endpoint })
        await until(() => shown()?.state === 'up')
        expect(shown()).not.toHaveProperty('disturbance')
      } finally {
        await peer.shutdown({ drainMs: 0 })
      }
    })

    it('duplicates an instance, which runs beside the other and goes again', async () => {
      await client.lab.trust({})
      const { instance } = await client.instances.duplicate({ instance: 'n/1' })
      expect(instance).toBe('n/2')
      await client.instances.startAll({})
      const { instances } = await client.lab.get({})
      expect(instances.map(({ state, isCopy = false }) => [state, isCopy])).toEqual([
        ['running', false],
        ['running', true],
      ])
      expect((await client.graphs.list({}))[0]?.instances).toEqual(['n/1', 'n/2'])
      await expect(client.instances.remove({ instance: 'n/1' })).rejects.toMatchObject({ code: 'INSTANCE_STATE' })
      await client.instances.stop({ instance: 'n/1' })
      await client.instances.remove({ instance })
      const left = (await client.lab.get({})).instances
      expect(left).toMatchObject([{ instance: 'n/1', state: 'stopped', lastExit: { how: 'stopped' } }])
    })

    it('lets an instance run elsewhere from its next start on', async () => {
      await client.lab.trust({})
      await client.instances.start({ instance: 'n/1' })
      await client.instances.isolate({ instance: 'n/1', isolation: 'process' })
      const where = async () => {
        const [first] = (await client.lab.get({})).instances
        return [first?.isolation, first?.nextIsolation]
      }
      expect(await where()).toEqual(['inline', 'process'])
      expect(await client.instances.duplicate({ instance: 'n/1' })).toEqual({ instance: 'n/2' })
      expect((await client.lab.get({})).instances[1]?.isolation).toBe('process')
      await client.instances.stop({ instance: 'n/1' })
      expect(await where()).toEqual(['process', undefined])
      const isolation = 'thread'
      await client.instances.isolate({ instance: 'n/1', isolation })
      expect(await where()).toEqual(['thread', undefined])
      const unknown = client.instances.isolate({ instance: 'n/9', isolation })
      await expect(unknown).rejects.toMatchObject({ code: 'INSTANCE_UNKNOWN' })
    })

    it('starts, sends a message, shows figures and log, and stops', async () => {
      await client.lab.trust({})
      const metrics = await client.streams.metrics({})
      await client.instances.start({ instance: 'n/1' })
      await client.nodes.send({
        instance: 'n/1',
        node: 'logger',
        port: 'Input',
        message: { type: 'String', data: 'hello' },
      })
      for await (const batch of metrics) {
        await client.streams.acknowledge({ stream: batch.stream, number: batch.number })
        if (batch.items.some(({ nodes }) => nodes.some(({ id, received }) => id === 'logger' && received > 2))) break
      }
      await client.instances.stopAll({})
      const log = await client.logs.recent({ limit: 1_000 })
      expect(log.map(({ text }) => text)).toContain('hello')
      expect((await client.lab.get({})).instances[0]?.state).toBe('stopped')
      expect(await client.deadLetters.list({})).toEqual([])
    })

    it('holds a message, lets it be seen, changed and released, and steps a node', async () => {
      await client.lab.trust({})
      await client.instances.start({ instance: 'n/1' })
      const wire = 'ticks.Output -> logger.Input'
      const at = { instance: 'n/1', wire }
      await client.breakpoints.set({ ...at, conditions: [{ path: '', operator: 'greater', value: 2 }] })
      const held = await vi.waitUntil(async () => (await client.breakpoints.held(at))[0], patient)
      expect(held).toMatchObject({ held: true, kind: 'integer', message: { type: 'Integer' } })
      await client.breakpoints.edit({ ...at, message: held.id, value: { type: 'String', data: 'changed' } })
      expect(await client.breakpoints.list({ instance: 'n/1' })).toMatchObject([{ wire, conditions: [{ value: 2 }] }])
      expect(await client.breakpoints.release(at)).toEqual({ released: 1 })
      await client.nodes.pause({ instance: 'n/1', node: 'logger' })
      expect((await client.breakpoints.clear(at)).released).toBeGreaterThan(0)
      const content = await vi.waitUntil(async () => {
        const seen = await client.wires.peek({ ...at, limit: 2 })
        return seen.messages.length === 2 ? seen : undefined
      }, patient)
      const [first] = content.messages
      await client.wires.remove({ ...at, message: first?.id ?? '' })
      await expect(client.wires.remove({ ...at, message: first?.id ?? '' })).rejects.toMatchObject({
        code: 'MESSAGE_GONE',
      })
      await client.nodes.step({ instance: 'n/1', node: 'logger', count: 1 })
      expect((await client.wires.clear(at)).removed).toBeGreaterThan(0)
      await expect(client.wires.peek({ instance: 'n/1', wire: 'a.b -> c.d' })).rejects.toMatchObject({
        code: 'WIRE_UNKNOWN',
      })
      await client.instances.resume({ instance: 'n/1' })
      await client.instances.stopAll({})
    })

    it('taps a wire within a bound and counts what it does not show', async () => {
      await client.lab.trust({})
      await client.instances.start({ instance: 'n/1' })
      const at = { instance: 'n/1', wire: 'ticks.Output -> logger.Input' }
      await expect(client.streams.tap({ ...at, wire: 'no' }).then((stream) => stream.next())).rejects.toMatchObject({
        code: 'WIRE_UNKNOWN',
      })
      const numbers: number[] = []
      let notShown = 0
      for await (const batch of await client.streams.tap({ ...at, perSecond: 20 })) {
        await client.streams.acknowledge({ stream: batch.stream, number: batch.number })
        notShown += batch.notShown
        numbers.push(...batch.items.map(({ number }) => number))
        if (notShown > 5) break
      }
      expect(numbers).toEqual([...new Set(numbers)].sort((one, other) => one - other))
      expect(numbers.length + notShown).toBeGreaterThanOrEqual(numbers.at(-1) ?? 0)
      await client.instances.stopAll({})
    })

    it('edits a graph, tells of it, undoes, compares, analyses, applies and saves it', async () => {
      const file = 'g.graph.json'
      const events = await client.streams.graphs({})
      const nextEvent = events.next()
      const { changes, summary } = await client.graphs.edit({
        graph: file,
        commands: [
          { type: 'addNode', id: 'second', component: 'DistributedLogger' },
          { type: 'connect', from: { node: 'ticks', port: 'Output' }, to: { node: 'second', port: 'Input' } },
        ],
      })
      expect(summary).toMatchObject({ revision: 1, isChanged: true, undoName: 'add second' })
      expect(changes.map(({ op, path: where }) => [op, where[0]])).toEqual([
        ['add', 'processes'],
        ['add', 'connections'],
      ])
      const told = await nextEvent
      expect(told.done === true ? [] : told.value.items).toEqual([
        { type: 'edited', summary, changes, name: 'add second' },
      ])
      await events.return()
      expect((await client.graphs.undo({ graph: file })).summary).toMatchObject({
        isChanged: false,
        redoName: 'add second',
      })
      expect((await client.graphs.redo({ graph: file })).changes).toEqual(changes)
      await expect(
        client.graphs.edit({ graph: file, commands: [{ type: 'removeNode', id: 'secnd' }] }),
      ).rejects.toMatchObject({ code: 'NODE_UNKNOWN', message: expect.stringContaining('"second"') as string })
      expect(await client.graphs.makeSubgraph({ graph: file, nodes: ['second'], name: 'part' })).toMatchObject({
        inner: 'part.graph.json',
        nodes: ['part'],
        summary: { undoName: 'make subgraph part' },
      })
      expect(await client.graphs.dissolveSubgraph({ graph: file, node: 'part' })).toMatchObject({ nodes: ['second'] })
      for (let step = 0; step < 2; step++) await client.graphs.undo({ graph: file })
      await expect(client.graphs.makeSubgraph({ graph: file, nodes: [], name: 'part' })).rejects.toMatchObject({
        code: 'EDIT_INVALID',
      })
      await expect(client.graphs.edit({ graph: file, commands: [{ type: 'explode' } as never] })).rejects.toMatchObject(
        { code: 'BAD_REQUEST' },
      )
      const { value } = await client.graphs.get({ graph: file })
      expect(Object.keys(value['processes'] as object)).toEqual(['ticks', 'logger', 'second'])
      expect(await client.graphs.differences({ graph: file, against: 'file' })).toMatchObject([
        { differences: [{ text: '+ node "second" (DistributedLogger)' }, { type: 'added', kind: 'wire' }] },
      ])

      await client.lab.trust({})
      await client.instances.start({ instance: 'n/1' })
      await client.graphs.edit({ graph: file, commands: [{ type: 'removeNode', id: 'second' }] })
      expect(await client.graphs.list({})).toMatchObject([{ graph: file, instances: ['n/1'], notApplied: ['n/1'] }])
      expect((await client.graphs.apply({ graph: file })).applied).toEqual(['n/1'])
      await client.graphs.setLive({ graph: file, live: true })
      expect(await client.graphs.list({})).toMatchObject([{ isLive: true, notApplied: [] }])
      // The first figures come a moment after the start.
      const { analysis, running } = await vi.waitUntil(async () => {
        const found = await client.graphs.analyse({ graph: file, node: 'logger' })
        return found.running.length > 0 ? found : undefined
      }, patient)
      expect(analysis).toMatchObject({
        stages: [['ticks'], ['logger']],
        criticalPath: { nodes: ['ticks', 'logger'] },
        reach: { node: 'logger', upstream: ['ticks'], downstream: [] },
      })
      expect(running).toMatchObject([{ instance: 'n/1', load: { jams: [] } }])
      await expect(client.graphs.analyse({ graph: file, from: 'nobody' })).rejects.toMatchObject({
        code: 'NODE_UNKNOWN',
      })

      await client.graphs.edit({ graph: file, commands: [{ type: 'renameNode', id: 'logger', to: 'log' }] })
      expect(await client.graphs.save({ graph: file })).toMatchObject({ isChanged: false })
      const { text } = await client.graphs.text({ graph: file })
      expect(readFileSync(path.join(folder, file), 'utf8')).toBe(text)
      writeFileSync(path.join(folder, file), JSON.stringify(graph))
      expect(await client.graphs.reload({ graph: file })).toMatchObject({ isChanged: false })
      expect((await client.graphs.get({ graph: file })).value).toEqual(graph)
    })

    it('places the nodes of a graph, says how long that took, and gives up when it is told to', async () => {
      const text = JSON.stringify(graph)
      const { positions, elapsedMs } = await client.layout.place({ text, keep: 'nothing' })
      expect(positions['logger']?.x).toBeGreaterThan((positions['ticks']?.x ?? 0) + 100)
      expect(elapsedMs).toBeGreaterThan(0)
      await expect(client.layout.place({ text: '{', keep: 'order' })).rejects.toMatchObject({ code: 'FILE_INVALID' })
      const cancel = new AbortController()
      const work = client.layout.place({ text, keep: 'nothing' }, { signal: cancel.signal })
      cancel.abort()
      await expect(work).rejects.toThrow()
    })

    it('streams log lines in order and without gaps, waiting for each acknowledgement', async () => {
      const stream = await client.streams.logs({})
      const take = async () => {
        const result = await stream.next()
        if (result.done === true) throw new Error('the stream ended')
        return result.value
      }
      const first = take()
      lab.log('info', 'one')
      const batch = await first
      expect(batch).toMatchObject({ number: 1, notShown: 0, items: [{ text: 'one' }] })
      for (let line = 2; line <= 500; line++) lab.log('info', String(line))
      await client.streams.acknowledge({ stream: batch.stream, number: 1 })
      const second = await take()
      expect(second.items.map(({ text }) => Number(text))).toEqual(Array.from({ length: 499 }, (_, index) => index + 2))
      await stream.return()
    })
  })
}
