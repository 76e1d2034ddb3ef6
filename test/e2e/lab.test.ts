import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openLab, type Lab, type LabEvent } from '../../src/lab/index.ts'
import type { GraphExport, InstanceMetrics } from '../../src/shared/index.ts'
import { freePortBase } from './fixtures/millrace-process.ts'

const workerFile = path.resolve('out/main/instance-worker.js')

let folder: string
let labs: Lab[]
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'millrace-e2e-'))
  labs = []
})
afterEach(async () => {
  await Promise.all(labs.map((lab) => lab.abandon()))
  rmSync(folder, { recursive: true, force: true })
})

type Wire = [from: string, fromPort: string, to: string, toPort: string]

function graph(
  name: string,
  nodes: Record<string, [component: string, metadata?: Record<string, unknown>]>,
  wires: Wire[],
): GraphExport {
  const edge = (nodeId: string, portId: string) => ({
    nodeId,
    portId,
    portName: '',
    expose: false,
    portType: { type: 'any' as const },
  })
  return {
    caseSensitive: true,
    properties: { name },
    processes: Object.fromEntries(
      Object.entries(nodes).map(([id, [component, metadata = {}]]) => [id, { id, component, metadata }]),
    ),
    connections: wires.map(([from, fromPort, to, toPort]) => ({ from: edge(from, fromPort), to: edge(to, toPort) })),
  }
}

function write(name: string, content: unknown): string {
  const file = path.join(folder, name)
  writeFileSync(file, JSON.stringify(content))
  return file
}

function open(instances: Record<string, unknown>[], options: { consent?: 'ask' } = {}): Lab {
  const file = write('a.lab.json', { millrace: 1, name: 'e2e', instances })
  const lab = openLab({
    file,
    door: 'none',
    workerFile,
    consent: options.consent ?? 'granted',
    stateDir: path.join(folder, 'state'),
  })
  labs.push(lab)
  return lab
}

/** Resolves with the first event that `select` finds something in. */
function waitFor<Found>(lab: Lab, select: (event: LabEvent) => Found | undefined | false): Promise<Found> {
  return new Promise((resolve) => {
    const undo = lab.subscribe((event) => {
      const found = select(event)
      if (found === undefined || found === false) return
      undo()
      resolve(found)
    })
  })
}

const logged = (lab: Lab, instance: string, pattern: RegExp) => {
  const isIt = (entry: { instance: string; text: string }) => entry.instance === instance && pattern.test(entry.text)
  const seen = lab.logs.recent({ limit: 10_000 }).find(isIt)
  return seen
    ? Promise.resolve(seen)
    : waitFor(lab, (event) => event.type === 'log' && isIt(event.entry) && event.entry)
}

const metricsWhere = (lab: Lab, instance: string, isIt: (metrics: InstanceMetrics) => boolean) =>
  waitFor(
    lab,
    (event) => event.type === 'metrics' && event.metrics.instance === instance && isIt(event.metrics) && event.metrics,
  )

const nodeIn = (metrics: InstanceMetrics, id: string) => metrics.nodes.find((node) => node.id === id)

/** A source that counts as fast as it is let, exported to a peer that logs what it gets. */
async function pair(given: { interval?: number; secondToken?: string; isolation?: 'process' } = {}) {
  const bindPort = (await freePortBase([1])) + 1
  write(
    'source.graph.json',
    graph('source', { ticks: ['Interval', { intervalMs: given.interval ?? 5, value: 'count' }] }, []),
  )
  write(
    'sink.graph.json',
    graph('sink', { ticks: ['ticks@source'], logger: ['DistributedLogger'] }, [['ticks', 'Output', 'logger', 'Input']]),
  )
  return open([
    {
      networkId: 'source',
      instanceId: '1',
      bindPort,
      authToken: '${env:A:right}',
      graph: 'source.graph.json',
      exports: ['ticks'],
      ...(given.isolation && { isolation: given.isolation }),
    },
    {
      networkId: 'sink',
      instanceId: '1',
      graph: 'sink.graph.json',
      peers: [{ endpoint: `127.0.0.1:${bindPort}`, token: `\${env:B:${given.secondToken ?? 'right'}}` }],
    },
  ])
}

describe('a lab', () => {
  it('carries messages from one instance to another and loses none at a stop', async () => {
    const lab = await pair()
    await lab.startAll()
    await metricsWhere(lab, 'sink/1', (metrics) => (nodeIn(metrics, 'logger')?.received ?? 0) > 20)
    await lab.stopAll()
    const { instances, links } = lab.summary()
    expect(instances.map(({ state, errors, deadLetters }) => ({ state, errors, deadLetters }))).toEqual([
      { state: 'stopped', errors: 0, deadLetters: 0 },
      { state: 'stopped', errors: 0, deadLetters: 0 },
    ])
    const link = links.find(({ from }) => from === 'source/1')
    expect(link).toMatchObject({ to: 'sink/1', lost: 0, duplicated: 0 })
    expect(link?.received).toBe(link?.sent)
    expect(link?.sent).toBeGreaterThan(20)
  })

  it('refuses a wrong token and says so on both sides', async () => {
    const lab = await pair({ secondToken: 'wrong' })
    await lab.startAll()
    const [there, here] = await Promise.all([
      logged(lab, 'source/1', /refused|token/i),
      // Of the one that dials, "refused" alone may also be said of a port where nobody listens yet.
      logged(lab, 'sink/1', /token/),
    ])
    expect(there.text).not.toContain('wrong')
    expect(here.text).not.toContain('wrong')
    expect(lab.describe().instances.map(({ state }) => state)).toEqual(['running', 'running'])
  })

  it('starts an instance again whose process was killed, and the others link to it again', async () => {
    const lab = await pair({ isolation: 'process' })
    await lab.startAll()
    const before = await metricsWhere(lab, 'source/1', (metrics) => metrics.links.some(({ state }) => state === 'up'))
    const crashed = waitFor(
      lab,
      (event) => event.type === 'instance' && event.description.state === 'crashed' && event.description,
    )
    process.kill(before.process.pid, 'SIGKILL')
    expect((await crashed).reason).toMatch(/signal SIGKILL; it starts again in/)
    const after = await metricsWhere(lab, 'source/1', (metrics) => metrics.links.some(({ state }) => state === 'up'))
    expect(after.process.pid).not.toBe(before.process.pid)
    const received = nodeIn(await metricsWhere(lab, 'sink/1', () => true), 'logger')?.received ?? 0
    await metricsWhere(lab, 'sink/1', (metrics) => (nodeIn(metrics, 'logger')?.received ?? 0) > received + 5)
    expect(lab.describe().instances[0]).toMatchObject({ state: 'running', restarts: 1 })
  })

  it('names port and instance when a port is in use, and runs the others', async () => {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    write('g.graph.json', graph('g', { logger: ['DistributedLogger'] }, []))
    const lab = open([
      { networkId: 'a', instanceId: '1', bindPort: port, graph: 'g.graph.json' },
      { networkId: 'b', instanceId: '1', graph: 'g.graph.json' },
    ])
    await expect(lab.startAll()).rejects.toMatchObject({
      code: 'PORT_IN_USE',
      message: expect.stringContaining(String(port)) as string,
    })
    expect(lab.describe().instances.map(({ state }) => state)).toEqual(['failed', 'running'])
    expect(lab.describe().instances[0]?.reason).toMatch(/a\/1/)
    await new Promise((resolve) => server.close(resolve))
    await lab.start('a/1')
    expect(lab.describe().instances[0]?.state).toBe('running')
  })

  it('starts nothing of a folder that is not trusted, and remembers trust', async () => {
    write('g.graph.json', graph('g', { logger: ['DistributedLogger'] }, []))
    const instances = [{ networkId: 'a', instanceId: '1', graph: 'g.graph.json' }]
    const lab = open(instances, { consent: 'ask' })
    await expect(lab.startAll()).rejects.toMatchObject({ code: 'NOT_TRUSTED' })
    await expect(lab.start('a/1')).rejects.toMatchObject({ code: 'NOT_TRUSTED' })
    lab.trust()
    await lab.startAll()
    expect(open(instances, { consent: 'ask' }).describe().trust.trusted).toBe(true)
  })

  it('says what is wrong when it is asked for what cannot be', async () => {
    write('g.graph.json', graph('g', { logger: ['DistributedLogger'] }, []))
    const lab = open([{ networkId: 'a', instanceId: '1', graph: 'g.graph.json' }])
    await expect(lab.start('b/1')).rejects.toMatchObject({
      code: 'INSTANCE_UNKNOWN',
      message: expect.stringContaining('a/1') as string,
    })
    await expect(lab.send('a/1', 'logger', 'Input', { type: 'String', data: 'x' })).rejects.toMatchObject({
      code: 'INSTANCE_STATE',
    })
    await lab.start('a/1')
    await expect(lab.start('a/1')).rejects.toMatchObject({ code: 'INSTANCE_STATE' })
    await expect(lab.send('a/1', 'logger', 'Nowhere', { type: 'String', data: 'x' })).rejects.toMatchObject({
      code: 'PORT_UNKNOWN',
    })
    await Promise.all([lab.stop('a/1'), lab.stop('a/1')])
    expect(lab.describe().instances[0]?.state).toBe('stopped')
  })

  it('can be stopped while it starts', async () => {
    const lab = await pair()
    const starting = lab.startAll().catch((error: unknown) => error)
    await lab.stopAll()
    await starting
    expect(lab.describe().instances.every(({ state }) => state === 'stopped' || state === 'failed')).toBe(true)
  })
})
