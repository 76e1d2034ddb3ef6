import * as v from 'valibot'
import { defineActor } from '../runtime/index.ts'
import { count } from './fields.ts'

const requestSchema = v.looseObject({ id: v.string() })

/** Writes the response to a request that came through `HttpIn`; wire it to the `Response` of that node. */
export const httpResponse = defineActor({
  name: 'HttpResponse',
  description: 'Makes a response of a message that still has the id of its request: its body field, or all of it.',
  inports: { Input: { kind: 'object', schema: requestSchema } },
  outports: { Response: { kind: 'object' } },
  config: v.object({
    status: v.optional(count('the status, unless the message has one', { least: 200, most: 599 }), 200),
    headers: v.optional(v.pipe(v.record(v.string(), v.string()), v.description('headers of every response')), {}),
  }),
  run({ inputs: { Input: message }, config: { status, headers } }) {
    if (message === undefined) return
    const { id, ...rest } = message
    const ownStatus = typeof message['status'] === 'number' ? message['status'] : status
    return { Response: { id, status: ownStatus, headers, body: 'body' in rest ? rest['body'] : rest } }
  },
})
