import * as v from 'valibot'

/**
 * A TCP port in an actor's config, 0 meaning any free one. Declared with this, a port moves with the lab's `--port-base`:
 * the config's JSON Schema carries `"format": "port"`. With `sharedBy`, nodes of one instance may have the same port as long as they
 * differ in one of these fields beside it; the schema carries them as `"x-shared-by"`.
 */
export function port({ sharedBy }: { sharedBy?: readonly string[] } = {}) {
  const mark = { format: 'port', ...(sharedBy && { 'x-shared-by': sharedBy }) }
  return v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(65_535), v.metadata(mark))
}
