import * as v from 'valibot'

/**
 * Wraps what a stream yields. oRPC streams have no back pressure of their own: the next batch is made only after
 * `streams.acknowledge` named this one, and what cannot be kept meanwhile is counted in `notShown`.
 */
export function batch<Schema extends v.GenericSchema>(item: Schema) {
  return v.object({ stream: v.string(), number: v.number(), notShown: v.number(), items: v.array(item) })
}
