import type { ChildProcess } from 'node:child_process'
import { setTimeout as delay } from 'node:timers/promises'
import { createValueCodec, createWebSocketTransport, type Connection } from '../../peer/index.ts'
import { DistributedNetwork } from '../distributed-network.ts'
import type { Sample } from './bench.ts'
import { processorMs } from './sampling.ts'

const warmMs = 1_000
const windowMs = 1_000
const token = 'bench'
/** Room in front of what the codec writes; the floor needs none of it. */
const roomBytes = 8
const highWaterBytes = 1024 * 1024

/** What the far process of a link bench tells: where it listens, then, whenever asked, how much it has received. */
export interface FarCount {
  count: number
  cpuMs: number
}

/** Answers questions of the near process until it goes. */
export function answerCounts(address: string, count: () => number): void {
  process.on('message', () => process.send?.({ count: count(), cpuMs: processorMs() } satisfies FarCount))
  process.send?.(address)
}

/** What the far process says next. */
export function nextFrom<Message>(far: ChildProcess): Promise<Message> {
  return new Promise((resolve, reject) => {
    const gone = () => reject(new Error('the far process of the bench ended'))
    far.once('exit', gone)
    far.once('message', (message) => {
      far.off('exit', gone)
      resolve(message as Message)
    })
  })
}

/**
 * Measures how much arrives per second of the processor time of the busier of the two processes: where nothing else runs and each has
 * a core, that is per second of the clock.
 */
export async function sampleFar(far: ChildProcess): Promise<Sample> {
  await delay(warmMs)
  const before = await look(far)
  const beganMs = performance.now()
  await delay(windowMs)
  const after = await look(far)
  const busierMs = Math.max(after.near - before.near, after.far.cpuMs - before.far.cpuMs)
  const arrived = after.far.count - before.far.count
  return { rate: (1_000 * arrived) / busierMs, share: busierMs / (performance.now() - beganMs) }
}

async function look(far: ChildProcess): Promise<{ near: number; far: FarCount }> {
  const answer = nextFrom<FarCount>(far)
  far.send('count')
  return { far: await answer, near: processorMs() }
}

/** Makes an instance as a lab would. */
export function makeInstance(networkId: string): DistributedNetwork {
  return new DistributedNetwork({ networkId, instanceId: `${networkId}_1`, authToken: token })
}

/** Links to the far instance. */
export async function linkTo(network: DistributedNetwork, address: string): Promise<void> {
  await network.connectToNetwork(address, { token })
}

/** Listens for the floor: bare WebSockets of the same library, with the same codec, and nothing of the link protocol. */
export async function listenBare(receive: (values: unknown[], connection: Connection) => void): Promise<string> {
  const codec = createValueCodec()
  const listener = await createWebSocketTransport().listen(
    { host: '127.0.0.1', port: 0, hostNames: [], maxPacketBytes: 16 * highWaterBytes },
    {
      admit: () => ({ admitted: true }),
      accept(connection) {
        connection.trust()
        connection.start({
          message: (bytes) => receive(codec.decodeAll(bytes.subarray(roomBytes)), connection),
          drained: () => undefined,
          closed: () => undefined,
        })
      },
      request: () => ({ status: 404, body: {} }),
      noise: () => undefined,
    },
  )
  return `${listener.host}:${listener.port}`
}

/** A bare WebSocket to the far process. */
export interface BareSocket {
  /** Sends values in one frame; answers something to wait for when much is on its way. */
  send(values: readonly unknown[]): Promise<void> | undefined
  received: (values: unknown[]) => void
}

/** Dials the floor's listener. */
export async function dialBare(address: string): Promise<BareSocket> {
  const codec = createValueCodec()
  const [host = '', port] = address.split(':')
  const options = { maxPacketBytes: 16 * highWaterBytes, signal: new AbortController().signal }
  const connection = await createWebSocketTransport().dial({ host, port: Number(port) }, options)
  let drained = () => {}
  const socket: BareSocket = {
    send(values) {
      connection.send(codec.encodeAll(values, roomBytes))
      if (connection.bufferedBytes < highWaterBytes) return undefined
      return new Promise((resolve) => (drained = resolve))
    },
    received: () => undefined,
  }
  connection.trust()
  connection.start({
    message: (bytes) => socket.received(codec.decodeAll(bytes.subarray(roomBytes))),
    drained: () => drained(),
    closed: () => undefined,
  })
  return socket
}

/** Sends what `make` makes as fast as a bare socket takes it. */
export async function pumpBare(socket: BareSocket, make: () => unknown[]): Promise<void> {
  for (let frames = 0; ; frames++) {
    const full = socket.send(make())
    if (full !== undefined) await full
    // Sockets are written to and read from between turns of the loop only.
    else if (frames % 32 === 31) await new Promise((resolve) => setImmediate(resolve))
  }
}
