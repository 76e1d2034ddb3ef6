import { millraceOf } from '../graph/index.ts'
import { MillraceError } from '../shared/index.ts'
import type { RemoteTarget } from './remote-node.ts'
import { spreads, type Spread } from './spread.ts'

/** What a graph's remote node stands for, and how it shares its messages. Throws `CONFIG_INVALID`. */
export function remoteTargetOf(
  id: string,
  remote: { node: string; networkId: string },
  metadata: Record<string, unknown>,
): RemoteTarget {
  const spread = spreadOf(metadata, id)
  return { ...remote, ...(spread && { spread }) }
}

/** How a remote node shares its messages among several instances: `millrace.spread` of its metadata. Throws `CONFIG_INVALID`. */
function spreadOf(metadata: Record<string, unknown>, node: string): Spread | undefined {
  const { spread } = millraceOf(metadata)
  if (spread === undefined) return undefined
  const known = spreads.find((name) => name === spread)
  if (known !== undefined) return known
  throw new MillraceError('CONFIG_INVALID', `node "${node}": "millrace.spread" is one of ${spreads.join(', ')}`)
}
