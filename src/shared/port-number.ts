import * as v from 'valibot'

/**
 * A TCP port in an actor's config, 0 meaning any free one. Declared with this, a port moves with the lab's `--port-base`:
 * the config's JSON Schema carries `"format": "port"`.
 */
export function port() {
  return v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(65_535), v.metadata({ format: 'port' }))
}
