import * as v from 'valibot'

/** One option that is not what it should be. */
export interface OptionFault {
  path: readonly (string | number)[]
  /** What was expected. */
  message: string
}

type Entries = Readonly<Record<string, v.GenericSchema>>

/** Reads options one by one, so that one mistake does not cost the others. */
export function readOptions<Schema extends v.GenericSchema & { entries: Entries }>(
  schema: Schema,
  given: Readonly<Record<string, unknown>>,
): { options: v.InferOutput<Schema>; faults: OptionFault[] } {
  const options: Record<string, unknown> = {}
  const faults: OptionFault[] = []
  for (const [name, entry] of Object.entries(schema.entries)) {
    if (given[name] === undefined) continue
    const result = v.safeParse(entry, given[name])
    if (result.success) options[name] = result.output
    else for (const issue of result.issues) faults.push({ path: [name, ...keysOf(issue)], message: issue.message })
  }
  return { options: options as v.InferOutput<Schema>, faults }
}

function keysOf(issue: v.BaseIssue<unknown>): (string | number)[] {
  return (issue.path ?? []).map(({ key }) => (typeof key === 'number' ? key : String(key)))
}
