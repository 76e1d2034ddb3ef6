import type { WireSnapshot } from '../shared/index.ts'
import type { Wire } from './wire.ts'
import type { WireGuard } from './wire-guard.ts'

/** Describes a wire as it is at this moment. */
export function snapshotWire(wire: Wire, guard: WireGuard | undefined): WireSnapshot {
  const { id, from, to, queued, bytes, capacity, highWater, headNumber } = wire
  return {
    id,
    from,
    to,
    queued: queued + wire.inlet.heldBack,
    queuedBytes: bytes + (guard?.pen.bytes ?? 0),
    capacity,
    highWater,
    accepted: headNumber + queued,
    dropped: guard?.dropped ?? 0,
    ...(guard?.hasTimeToLive === true && { expired: guard.expired }),
    ...(guard?.conditions !== undefined && { held: guard.pen.queued }),
    ...(guard !== undefined && guard.policy !== 'block' && { policy: guard.policy }),
  }
}
