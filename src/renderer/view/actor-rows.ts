import type { InstanceDescription, NodeSnapshot } from '../../shared/index.ts'
import type { AnyState } from './state-look.ts'
import { shownNodeState } from './instance-state.ts'
import type { NodeRates, Rates } from './rates.ts'

/** A node as a row of the table. */
export interface ActorRow {
  key: string
  instance: string
  node: string
  label: string
  component: string
  role: 'local' | 'remote'
  state: AnyState
  received: number
  sent: number
  queued: number
  busy: number
  blocked: number
  errors: number
  deadLetters: number
  meanMs: number
}

/** What the table can be sorted by. */
export const sortKeys = [
  'label',
  'component',
  'instance',
  'state',
  'received',
  'sent',
  'queued',
  'busy',
  'blocked',
  'meanMs',
  'errors',
  'deadLetters',
] as const
export type SortKey = (typeof sortKeys)[number]

interface Live {
  nodes: ReadonlyMap<string, NodeSnapshot>
  rates: Rates
}

const atRest: NodeRates = { received: 0, sent: 0, errors: 0, busy: 0, blocked: 0 }

/** Every node of every instance, with its figures while these are known. */
export function actorRows(
  instances: readonly InstanceDescription[],
  liveOf: (instance: string) => Live | undefined,
): ActorRow[] {
  return instances.flatMap((instance) => {
    const live = liveOf(instance.instance)
    return instance.nodes.map((node): ActorRow => {
      const snapshot = live?.nodes.get(node.id)
      const rate = live?.rates.nodes.get(node.id) ?? atRest
      return {
        key: `${instance.instance} ${node.id}`,
        instance: instance.instance,
        node: node.id,
        label: node.label ?? node.id,
        component: node.component,
        role: node.role,
        state: snapshot ? shownNodeState(snapshot, rate) : instance.state === 'running' ? 'unknown' : 'stopped',
        received: rate.received,
        sent: rate.sent,
        queued: snapshot?.queued ?? 0,
        busy: rate.busy,
        blocked: rate.blocked,
        errors: snapshot?.errors ?? 0,
        deadLetters: snapshot?.deadLetters ?? 0,
        meanMs: snapshot && snapshot.received > 0 ? snapshot.busyMs / snapshot.received : 0,
      }
    })
  })
}

/** The rows that a search finds, in the wanted order; rows that are equal in it keep that of the lab. */
export function arrangeRows(
  rows: readonly ActorRow[],
  { search, sortBy, isDescending }: { search: string; sortBy: SortKey | undefined; isDescending: boolean },
): ActorRow[] {
  const words = search.toLowerCase().split(/\s+/u).filter(Boolean)
  const found = rows.filter((row) => words.every((word) => passes(row, word)))
  if (sortBy === undefined) return found
  const sign = isDescending ? -1 : 1
  return found.sort((one, other) => {
    const [left, right] = [one[sortBy], other[sortBy]]
    return sign * (typeof left === 'number' ? left - Number(right) : String(left).localeCompare(String(right)))
  })
}

/** A word, or one about a field: `type:`, `instance:`, `state:` and `is:` before what it has to hold. */
function passes(row: ActorRow, word: string): boolean {
  const [, field, value = ''] = /^(type|instance|state|is|node):(.*)$/u.exec(word) ?? []
  switch (field) {
    case 'type':
      return row.component.toLowerCase().includes(value)
    case 'instance':
      return row.instance.toLowerCase().includes(value)
    case 'node':
      return row.node.toLowerCase().includes(value)
    case 'state':
    case 'is':
      return (
        row.state.includes(value) ||
        (value === 'remote' && row.role === 'remote') ||
        (value === 'noisy' && row.errors > 0)
      )
    default:
      return `${row.label} ${row.node} ${row.component} ${row.instance} ${row.state}`.toLowerCase().includes(word)
  }
}
