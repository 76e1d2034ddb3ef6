import { MillraceError } from '../../shared/index.ts'
import { formatAddress, type Address } from '../address.ts'
import type { PeerPlatform } from '../platform.ts'
import type { Connection, ConnectionHandlers, Transport } from '../transport.ts'

/** What is done on purpose to the connections to one address. */
export interface Disturbance {
  /** Every packet arrives this much later, each way. */
  readonly delayMs: number
  /** And by chance up to this much more; order is kept. */
  readonly jitterMs: number
  /** Nobody gets through. */
  readonly isCut: boolean
}

/** A transport whose dialled connections can be disturbed, to see what a network does then. */
export interface DisturbedTransport {
  readonly transport: Transport
  /** Disturbs the connections to `host:port`, those of now and those to come; `undefined` ends it. */
  disturb(address: string, disturbance: Disturbance | undefined): void
  /** What is done to this address now. */
  of(address: string): Disturbance | undefined
}

/** Puts disturbances between a transport and its users. Costs nothing where there is none. */
export function createDisturbedTransport(
  inner: Transport,
  platform: Pick<PeerPlatform, 'monotonicMs' | 'after' | 'random'>,
): DisturbedTransport {
  const disturbances = new Map<string, Disturbance>()
  const open = new Map<string, Set<Connection>>()

  const dial: Transport['dial'] = async (target, options) => {
    const address = formatAddress(target)
    refuseCut(disturbances.get(address), target)
    const connection = await inner.dial(target, options)
    const present = open.get(address) ?? new Set()
    open.set(address, present.add(connection))
    const gone = () => present.delete(connection)
    if (disturbances.get(address)?.isCut) connection.terminate()
    return disturbed(connection, { platform, now: () => disturbances.get(address), gone })
  }

  return {
    transport: { ...inner, dial },
    disturb(address, disturbance) {
      if (disturbance) disturbances.set(address, disturbance)
      else disturbances.delete(address)
      if (disturbance?.isCut) for (const connection of open.get(address) ?? []) connection.terminate()
    },
    of: (address) => disturbances.get(address),
  }
}

function refuseCut(disturbance: Disturbance | undefined, target: Address): void {
  if (disturbance?.isCut)
    throw new MillraceError(
      'PEER_UNREACHABLE',
      `${formatAddress(target)} has been cut off on purpose; end the disturbance to let it through`,
    )
}

interface Surroundings {
  platform: Pick<PeerPlatform, 'monotonicMs' | 'after' | 'random'>
  now: () => Disturbance | undefined
  gone: () => void
}

function disturbed(inner: Connection, { platform, now, gone }: Surroundings): Connection {
  const outwards = delayLine(platform, now)
  const inwards = delayLine(platform, now)
  return {
    remoteAddress: inner.remoteAddress,
    loopback: inner.loopback,
    encrypted: inner.encrypted,
    binding: inner.binding,
    get bufferedBytes() {
      return inner.bufferedBytes
    },
    start(handlers: ConnectionHandlers) {
      inner.start({
        message(bytes) {
          if (inwards.isHolding()) inwards.pass(() => handlers.message(bytes))
          else handlers.message(bytes)
        },
        drained: () => handlers.drained(),
        closed(code, reason) {
          gone()
          outwards.drop()
          // A pulled cable is noticed at once; a goodbye comes after what was sent before it.
          if (code === 1006) inwards.drop()
          inwards.pass(() => handlers.closed(code, reason))
        },
      })
    },
    send(bytes, body) {
      if (!outwards.isHolding()) return inner.send(bytes, body)
      // Whoever sends may use its buffer again as soon as this returns.
      const kept = new Uint8Array(bytes)
      return outwards.pass(() => inner.send(kept, body))
    },
    trust: () => inner.trust(),
    close: (code, reason) => outwards.pass(() => inner.close(code, reason)),
    terminate() {
      outwards.drop()
      inwards.drop()
      inner.terminate()
    },
  }
}

/** Runs what passes through it in order, each as late as the disturbance of that moment says. */
function delayLine(platform: Surroundings['platform'], now: Surroundings['now']) {
  let waiting: { atMs: number; run: () => void }[] = []
  let cancel: (() => void) | undefined

  const flush = () => {
    cancel = undefined
    while (waiting[0] && waiting[0].atMs <= platform.monotonicMs() + 0.5) waiting.shift()?.run()
    const next = waiting[0]
    if (next) cancel ??= platform.after(Math.max(0, next.atMs - platform.monotonicMs()), flush)
  }

  return {
    isHolding: () => waiting.length > 0 || now() !== undefined,
    pass(run: () => void): void {
      const disturbance = now()
      const delayMs = disturbance ? disturbance.delayMs + disturbance.jitterMs * platform.random() : 0
      if (delayMs <= 0 && waiting.length === 0) return run()
      const atMs = Math.max(waiting.at(-1)?.atMs ?? 0, platform.monotonicMs() + delayMs)
      waiting.push({ atMs, run })
      cancel ??= platform.after(Math.max(0, atMs - platform.monotonicMs()), flush)
    },
    drop(): void {
      waiting = []
      cancel?.()
      cancel = undefined
    },
  }
}
