import * as v from 'valibot'
import { defineActor } from '../runtime/index.ts'
import { describeError } from '../shared/index.ts'
import { choice, count } from './fields.ts'

const config = v.object({
  nodes: v.optional(v.pipe(v.array(v.string()), v.description('the nodes it listens to; all others when absent'))),
  what: v.optional(
    choice(['all', 'failures', 'deadLetters'], 'failed tries, messages that were given up, or both'),
    'all',
  ),
  capacity: v.optional(count('errors that wait to be taken; more are only counted', { most: 10_000 }), 100),
})

interface Caught {
  node: string
  what: 'failure' | 'deadLetter'
  reason: string
  [more: string]: unknown
}

/**
 * Emits the errors of other nodes of its network. What comes while nobody takes its messages waits within a bound; beyond it, errors
 * are counted and the next message says how many were not shown, so that an error in what handles errors cannot run away.
 */
export const catchActor = defineActor({
  name: 'Catch',
  description: 'Emits the failures and dead letters of other nodes of its network.',
  outports: {
    Output: {
      kind: 'object',
      capacity: 1,
      description: '{node, what, reason, notShown, …}, with port, source and preview of dead letters',
    },
  },
  config,
  start({ node, config: { nodes, what, capacity }, watch, out, log, signal }) {
    const waiting: Caught[] = []
    let notShown = 0
    let isEmitting = false
    const emit = async () => {
      isEmitting = true
      try {
        for (let next = waiting.shift(); next !== undefined && !signal.aborted; next = waiting.shift()) {
          const missed = notShown
          notShown = 0
          await out.Output.send({ ...next, notShown: missed })
          // What handles errors may fail too: one per turn, so that such a ring starves nobody.
          await new Promise((resolve) => setImmediate(resolve))
        }
      } finally {
        isEmitting = false
      }
    }
    const take = (caught: Caught) => {
      if (caught.node === node.id || nodes?.includes(caught.node) === false) return
      if (waiting.length >= capacity) notShown += 1
      else waiting.push(caught)
      if (!isEmitting) emit().catch((error: unknown) => log.error(describeError(error)))
    }
    watch((event) => {
      if (event.type === 'nodeFailed' && what !== 'deadLetters') {
        const { during, attempt, reason } = event
        take({ node: event.node, what: 'failure', reason, during, attempt })
      }
      if (event.type === 'deadLetter' && what !== 'failures') {
        const { code, reason, port, source = '', preview, timeMs } = event.letter
        take({ node: event.letter.node, what: 'deadLetter', reason, code, port, source, preview, timeMs })
      }
    })
  },
})
