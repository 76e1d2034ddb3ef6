import { MillraceError } from '../shared/index.ts'

/**
 * How a remote node is called here, Reflow's strategies: by the peer's own name or not at all (`fail`), with a number behind it where
 * that is taken (`autoAlias`), with its network in front (`networkPrefix`, `net_node`) or behind (`fullyQualified`, `node@net`), or as
 * given (`manualAlias`).
 */
export type ConflictStrategy =
  'fail' | 'autoAlias' | 'networkPrefix' | 'fullyQualified' | { readonly manualAlias: string }

/** Chooses the id of a remote node. Throws `NODE_DUPLICATE` when the name that the strategy gives is taken. */
export function chooseNodeId(
  { node, networkId }: { node: string; networkId: string },
  strategy: ConflictStrategy,
  isTaken: (id: string) => boolean,
): string {
  if (strategy === 'autoAlias') return freeName(node, isTaken)
  const id = nameOf(node, networkId, strategy)
  if (!isTaken(id)) return id
  const way =
    typeof strategy === 'object'
      ? 'give another alias'
      : 'choose another strategy, such as autoAlias, or unregister that node first'
  throw new MillraceError(
    'NODE_DUPLICATE',
    `"${node}" of ${networkId} would be called "${id}" here, and there is a node of that name: ${way}`,
  )
}

function nameOf(node: string, networkId: string, strategy: Exclude<ConflictStrategy, 'autoAlias'>): string {
  if (typeof strategy === 'object') return strategy.manualAlias
  switch (strategy) {
    case 'fail':
      return node
    case 'networkPrefix':
      return `${networkId}_${node}`
    case 'fullyQualified':
      return `${node}@${networkId}`
    default:
      throw new MillraceError('USAGE', `"${String(strategy)}" is no conflict strategy`)
  }
}

function freeName(node: string, isTaken: (id: string) => boolean): string {
  let id = node
  for (let number = 2; isTaken(id); number++) id = `${node}_${number}`
  return id
}
