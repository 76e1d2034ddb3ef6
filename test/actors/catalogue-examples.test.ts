import { Aedes } from 'aedes'
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { WebSocketServer } from 'ws'
import { builtInActors } from '../../src/actors/index.ts'
import { ActorSet } from '../../src/lab/actor-set.ts'
import { describeActors } from '../../src/lab/actor-catalogue.ts'
import { checkFile } from '../../src/lab/file-check.ts'
import { networkOf } from '../../src/lab/instance-network.ts'
import { LabSource } from '../../src/lab/lab-source.ts'

const shipped = fileURLToPath(new URL('../../resources/examples/catalogue/', import.meta.url))
const graphs = readdirSync(shipped).filter((name) => name.endsWith('.graph.json'))

let folder: string
let broker: Aedes
let brokerDoor: Server
let echo: WebSocketServer
beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'millrace-catalogue-'))
  cpSync(shipped, folder, { recursive: true, filter: (from) => !from.endsWith('output') })
  broker = await Aedes.createBroker()
  brokerDoor = createServer(broker.handle)
  await new Promise<void>((resolve) => brokerDoor.listen(0, '127.0.0.1', resolve))
  echo = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  echo.on('connection', (socket) => socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary })))
  await new Promise<void>((resolve) => echo.once('listening', () => resolve()))
  const http = await freePort()
  replaceIn('mqtt.graph.json', ':1883', `:${(brokerDoor.address() as AddressInfo).port}`)
  replaceIn('websocket-client.graph.json', ':9091', `:${(echo.address() as AddressInfo).port}`)
  replaceIn('http.graph.json', '9090', String(http))
})
afterAll(async () => {
  echo.close()
  brokerDoor.close()
  await new Promise<void>((resolve) => broker.close(() => resolve()))
  rmSync(folder, { recursive: true, force: true })
})

function replaceIn(name: string, what: string, by: string): void {
  const file = path.join(folder, name)
  writeFileSync(file, readFileSync(file, 'utf8').replaceAll(what, by))
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

/** Nodes that have nothing to say while all goes well. */
const silent = new Set(['join.incomplete'])

test.each(graphs)('%s passes the check, and each of its nodes does something', async (name) => {
  const findings = checkFile(path.join(shipped, name), {})
  expect(findings.filter(({ severity }) => severity !== 'note')).toEqual([])
  const source = new LabSource(path.join(folder, name), { catalogue: describeActors(builtInActors), env: {} })
  const [instance] = source.instances
  if (instance === undefined) throw new Error('a graph is a lab of one instance')
  const spec = source.specOf(instance, { allowExec: true })
  const actors = new ActorSet({ allowExec: true, log: () => undefined })
  const faults: string[] = []
  const network = networkOf(spec, actors, ({ level, text }) => {
    if (level === 'error') faults.push(text)
  })
  await network.start()
  try {
    for (;;) {
      const idle = network.local
        .snapshot()
        .nodes.filter(({ id, received, sent }) => received + sent === 0 && !silent.has(`${name.split('.')[0]}.${id}`))
      if (idle.length === 0) break
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
  } finally {
    await network.shutdown({ drainMs: 2_000 })
  }
  expect(faults).toEqual([])
  const { deadLetters } = network.local.snapshot()
  if (name !== 'catch.graph.json') expect(deadLetters).toBe(0)
})

test('every actor of the catalogue is shown by an example', () => {
  const used = new Set(
    graphs.flatMap((name) => {
      const graph = JSON.parse(readFileSync(path.join(shipped, name), 'utf8')) as {
        processes: Record<string, { component: string }>
      }
      return Object.values(graph.processes).map(({ component }) => component)
    }),
  )
  const examples = /^(?:Data|Feature|Model|Prediction|Request|HttpFront|Monitoring|Dashboard|Metrics)/
  expect(builtInActors.map(({ name }) => name).filter((name) => !used.has(name) && !examples.test(name))).toEqual([])
})

test('every config field of the catalogue says what it is', () => {
  const silentFields = describeActors(builtInActors)
    .filter(
      ({ name }) =>
        !/^(?:Data|Feature|Model|Prediction|RequestSource|HttpFront|Monitoring|Dashboard|Metrics|Interval|Distributed)/.test(
          name,
        ),
    )
    .flatMap(({ name, config }) =>
      Object.entries((config['properties'] ?? {}) as Record<string, { description?: string }>).flatMap(
        ([field, { description }]) => (description === undefined ? [`${name}.${field}`] : []),
      ),
    )
  expect(silentFields).toEqual([])
})
