import * as v from 'valibot'

/** A file in an actor's config, relative to the folder of the lab; the lab resolves it, so the actor gets an absolute path. */
export function filePath() {
  return v.pipe(v.string(), v.nonEmpty(), v.metadata({ format: 'path' }))
}
