import type { DataRecord } from './payloads.ts'

const dayMs = 86_400_000

/** Ways to spoil a record, one for each thing the validator looks at. `earlierId` has been used before. */
const faults: ((record: DataRecord, earlierId: string, nowMs: number) => DataRecord)[] = [
  (record) => ({ ...record, features: record.features.slice(1) }),
  (record) => ({ ...record, features: record.features.map((feature, index) => (index === 0 ? NaN : feature)) }),
  (record, earlierId) => ({ ...record, id: earlierId }),
  (record, _earlierId, nowMs) => ({ ...record, timestamp: new Date(nowMs + dayMs).toISOString() }),
]

/** Spoils a record in the `count`-th way: too short, not a number, a duplicate id, from the future, and round again. */
export function breakRecord(record: DataRecord, count: number, earlierId: string, nowMs: number): DataRecord {
  const fault = faults[count % faults.length]
  return fault === undefined ? record : fault(record, earlierId, nowMs)
}
