import { MillraceError, readWireOptions, type WireOptions, type WirePolicy } from '../shared/index.ts'
import type { Inport } from './inport.ts'
import { defaultCapacityBytes } from './wire.ts'

const defaultSampleMs = 100

/** How a wire is to be: what is left out of its options has its default. */
export interface WireSettings {
  readonly capacity: number
  readonly bytes: number
  readonly policy: WirePolicy
  readonly sampleMs: number
  readonly ttlMs: number | undefined
}

/** Fills in defaults. Throws `CONFIG_INVALID`, naming the wire, the option and what was expected. */
export function wireSettings(wire: string, given: WireOptions, inport: Inport): WireSettings {
  const { options, faults } = readWireOptions(given)
  const [fault] = faults
  if (fault !== undefined)
    throw new MillraceError('CONFIG_INVALID', `wire ${wire}: ${fault.path.join('.')}: ${fault.message}`)
  const { capacity, bytes, policy, sampleMs, ttlMs } = options
  return {
    capacity: capacity ?? inport.capacity,
    bytes: bytes ?? defaultCapacityBytes,
    policy: policy ?? 'block',
    sampleMs: sampleMs ?? defaultSampleMs,
    ttlMs,
  }
}
