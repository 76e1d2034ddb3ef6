import { readNodeOptions } from '../shared/index.ts'
import type { Findings } from './finding.ts'
import { millraceOf, type GraphNode } from './graph-parts.ts'

/** Finds nodes that would keep their states under one name, so that one of them would keep none. */
export function checkKeptStates(nodes: Iterable<GraphNode>, findings: Findings): void {
  const owners = new Map<string, string>()
  for (const { id, metadata } of nodes) {
    const { persist } = readNodeOptions(millraceOf(metadata)).options
    if (persist === undefined) continue
    const name = persist.as ?? id
    const owner = owners.get(name)
    owners.set(name, owner ?? id)
    if (owner === undefined) continue
    findings.warning(
      'STATE_NOT_KEPT',
      ['processes', id, 'metadata', 'millrace', 'persist'],
      `nodes "${owner}" and "${id}" would keep their states under one name, "${name}"; give one of them another, by {"as": …}`,
    )
  }
}
