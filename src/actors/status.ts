import * as v from 'valibot'
import { defineActor, type NetworkEvent } from '../runtime/index.ts'
import { describeError } from '../shared/index.ts'
import { count } from './fields.ts'

const config = v.object({
  nodes: v.optional(v.pipe(v.array(v.string()), v.description('the nodes it listens to; all others when absent'))),
  capacity: v.optional(
    count('nodes whose newest state waits to be taken; more are only counted', { most: 10_000 }),
    1_000,
  ),
})

/** Emits what becomes of other nodes of its network. While nobody takes its messages, only the newest state of each node waits. */
export const status = defineActor({
  name: 'Status',
  description: 'Emits when other nodes of its network start, stop, fail, are parked or are held up by a full wire.',
  outports: { Output: { kind: 'object', capacity: 1, description: '{node, state, reason, timeMs}' } },
  config,
  start({ node, config: { nodes, capacity }, watch, out, log, signal, now }) {
    const newest = new Map<string, { node: string; state: string; reason: string; timeMs: number }>()
    let isEmitting = false
    const emit = async () => {
      isEmitting = true
      try {
        for (let [next] = newest; next !== undefined && !signal.aborted; [next] = newest) {
          newest.delete(next[0])
          await out.Output.send(next[1])
          await new Promise((resolve) => setImmediate(resolve))
        }
      } finally {
        isEmitting = false
      }
    }
    watch((event) => {
      const change = stateOf(event)
      if (change === undefined || change.node === node.id || nodes?.includes(change.node) === false) return
      if (newest.size >= capacity && !newest.has(change.node)) return
      newest.set(change.node, { ...change, timeMs: now() })
      if (!isEmitting) emit().catch((error: unknown) => log.error(describeError(error)))
    })
  },
})

function stateOf(event: NetworkEvent): { node: string; state: string; reason: string } | undefined {
  if (event.type === 'wireFull') {
    const node = event.wire.split('.', 1)[0] ?? ''
    return { node, state: 'blocked', reason: `the wire ${event.wire} is full` }
  }
  if (!('node' in event) || typeof event.node !== 'string' || !event.type.startsWith('node')) return undefined
  const reason = 'reason' in event && typeof event.reason === 'string' ? event.reason : ''
  return { node: event.node, state: event.type.slice('node'.length).toLowerCase(), reason }
}
