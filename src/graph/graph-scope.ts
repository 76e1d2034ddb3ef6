import type { ActorDescription, GraphExport } from '../shared/index.ts'
import type { Graphs } from './check-lab.ts'
import { isInitial, isRecord, millraceOf, nodesOf, type GraphNode } from './graph-parts.ts'
import type { JsonPath } from './json-text.ts'
import type { LabFile, LabInstance } from './lab-file.ts'
import type { Environment } from './reference.ts'

type PortList = ActorDescription['inports']

/** What is around a graph: the instance that runs it, the lab, the graphs of the others by their paths in the lab file. */
export interface GraphContext {
  lab: LabFile
  instance: LabInstance
  graphs: Graphs
  /** When given, variables that are not set are warned of. */
  env?: Environment
}

/** The nodes that peers may see; for one inside a graph, the graph's node too. */
export function exportedNodes(context: GraphContext | undefined): string[] {
  const names = context?.instance.exports ?? []
  return names.flatMap((name) => (name.includes('/') ? [name, name.slice(0, name.indexOf('/'))] : [name]))
}

/** What the checks of one graph look things up in. */
export class GraphScope {
  readonly graph: GraphExport
  readonly context: GraphContext | undefined
  readonly nodes: ReadonlyMap<string, GraphNode>
  readonly #actors: ReadonlyMap<string, ActorDescription>

  constructor(graph: GraphExport, catalogue: readonly ActorDescription[], context: GraphContext | undefined) {
    this.graph = graph
    this.context = context
    this.nodes = new Map(nodesOf(graph).map((node) => [node.id, node]))
    this.#actors = new Map(catalogue.map((actor) => [actor.name, actor]))
  }

  /** The actor of this name, if the catalogue has it. */
  actor(name: string): ActorDescription | undefined {
    return this.#actors.get(name)
  }

  /** Every name in the catalogue. */
  actorNames(): Iterable<string> {
    return this.#actors.keys()
  }

  /** The ports on one side of a node, or `undefined` when they cannot be known: its actor or its peer is not at hand. */
  ports(nodeId: string, side: 'inports' | 'outports'): PortList | undefined {
    const node = this.nodes.get(nodeId)
    const component = node?.remote ? this.#componentAtPeer(node.remote) : node?.component
    return component === undefined ? undefined : this.actor(component)?.[side]
  }

  /** Whether a node may emit without a message that comes in; `true` too when that cannot be known. */
  beginsByItself(nodeId: string): boolean {
    const actor = this.#actorOf(nodeId)
    return !actor || this.isSelfStarting(nodeId) || Object.keys(actor.inports).length === 0
  }

  /** Whether the actor of a node is known to emit by itself. */
  isSelfStarting(nodeId: string): boolean {
    return this.#actorOf(nodeId)?.selfStarting === true
  }

  /** Where initial messages go, and where in the file each stands; the messages are not read. */
  initials(): { to: { node: string; port: string }; path: JsonPath }[] {
    const plain = (this.graph.connections ?? []).flatMap((connection, index) =>
      isInitial(connection)
        ? [{ to: { node: connection.to.nodeId, port: connection.to.portId }, path: ['connections', index] }]
        : [],
    )
    const listed = millraceOf(this.graph.properties)['initials']
    const tagged = (Array.isArray(listed) ? listed : []).flatMap((entry: unknown, index) =>
      isRecord(entry)
        ? [
            {
              to: { node: String(entry['node']), port: String(entry['port']) },
              path: ['properties', 'millrace', 'initials', index],
            },
          ]
        : [],
    )
    return [...plain, ...tagged]
  }

  #actorOf(nodeId: string): ActorDescription | undefined {
    const node = this.nodes.get(nodeId)
    return node && this.actor(node.component)
  }

  #componentAtPeer({ node, networkId }: { node: string; networkId: string }): string | undefined {
    const peer = this.context?.lab.instances.find((instance) => instance.networkId === networkId)
    const graph = peer && this.context?.graphs[peer.graph]
    return graph && nodesOf(graph).find(({ id }) => id === node)?.component
  }
}
