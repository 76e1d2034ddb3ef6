import type { GraphCommand } from '../../../shared/index.ts'

/** What an edit of subgraphs is: one command, and the nodes that it puts into the graph. */
export interface SubgraphEdit {
  command: Extract<GraphCommand, { type: 'patch' }>
  ids: string[]
}
