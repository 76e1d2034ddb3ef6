import { isRecord } from '../graph-parts.ts'

/** The node as it is under another id: where its state is kept, it goes on being kept under the name that it has had. */
export function renamedProcess(process: unknown, id: string, to: string): Record<string, unknown> {
  const renamed = { ...(isRecord(process) ? process : {}), id: to }
  const metadata = isRecord(process) ? process['metadata'] : undefined
  const millrace = isRecord(metadata) ? metadata['millrace'] : undefined
  const persist = isRecord(millrace) ? millrace['persist'] : undefined
  if (!isRecord(metadata) || !isRecord(millrace) || (persist !== true && !isRecord(persist))) return renamed
  const { as = id, ...rest } = isRecord(persist) ? persist : {}
  const named = as === to ? rest : { ...rest, as }
  const kept = Object.keys(named).length === 0 ? true : named
  return { ...renamed, metadata: { ...metadata, millrace: { ...millrace, persist: kept } } }
}
