import {
  fromTagged,
  messageTags,
  MillraceError,
  readWireOptions,
  type GraphConnection,
  type GraphEdge,
  type GraphExport,
  type MessageKind,
  type WireEnd,
  type WireOptions,
} from '../shared/index.ts'

/** A node of a graph, taken apart. */
export interface GraphNode {
  id: string
  component: string
  /** Present on a node that stands for a node of a peer: `<node>@<networkId>`. */
  remote?: { node: string; networkId: string }
  /** The config as the file has it, reserved keys included; `configOf` leaves those out. */
  metadata: Record<string, unknown>
  label?: string
  position?: { x: number; y: number }
}

/** A wire of a graph. */
export interface GraphWire {
  from: WireEnd
  to: WireEnd
  /** Messages the wire holds; absent means what its inport says. */
  capacity?: number
  /** What the wire does when it is full; absent is `block`. */
  policy?: string
  /** All that `metadata.millrace` rightly says of how it holds and loses messages. */
  options: WireOptions
  /** Which entry of the graph's `connections` it is. */
  index: number
}

/** How a wire is named everywhere: `node.Port -> node.Port`. */
export function wireId(from: WireEnd, to: WireEnd): string {
  return `${from.node}.${from.port} -> ${to.node}.${to.port}`
}

/** A message that a port gets when its network starts. */
export interface GraphInitial {
  to: WireEnd
  value: unknown
  /** Present where the file makes the kind explicit. */
  kind?: MessageKind
}

/** The keys of a node’s metadata that are not its config. */
export const reservedKeys: ReadonlySet<string> = new Set(['position', 'label', 'env_vars', 'millrace'])

/** Lists the nodes of a graph; a node's id is its key, as in Reflow. */
export function nodesOf(graph: GraphExport): GraphNode[] {
  return Object.entries(graph.processes ?? {}).map(([id, { component, metadata }]) => {
    const remote = remoteOf(component)
    const label = metadata?.['label']
    const position = positionOf(metadata?.['position'])
    return {
      id,
      component,
      ...(remote && { remote }),
      metadata: metadata ?? {},
      ...(typeof label === 'string' && { label }),
      ...(position && { position }),
    }
  })
}

/** A node's metadata without the keys that are not its actor's: what the actor's config schema is for. */
export function configOf(metadata: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(metadata).filter(([key]) => !reservedKeys.has(key)))
}

/** Lists the wires of a graph in the order of the file. */
export function wiresOf(graph: GraphExport): GraphWire[] {
  return (graph.connections ?? []).flatMap((connection, index) => {
    if (isInitial(connection)) return []
    const given = millraceOf(connection.metadata)
    const { capacity, policy } = given
    return [
      {
        from: endOf(connection.from),
        to: endOf(connection.to),
        ...(isCapacity(capacity) && { capacity }),
        ...(typeof policy === 'string' && { policy }),
        options: Object.keys(given).length === 0 ? {} : readWireOptions(given).options,
        index,
      },
    ]
  })
}

/**
 * Lists the initial messages in the order of the file, then those that JSON cannot hold, which stand as
 * `{"node", "port", "message": tagged JSON}` in `properties.millrace.initials`.
 * @throws MillraceError `MESSAGE_INVALID` that names the node and port.
 */
export function initialsOf(graph: GraphExport): GraphInitial[] {
  const plain = (graph.connections ?? []).filter(isInitial).map((connection): GraphInitial => {
    const to = endOf(connection.to)
    const kind = kindOf(millraceOf(connection.metadata)['kind'])
    if (kind === undefined) return { to, value: connection.data }
    return { to, value: decoded({ type: messageTags[kind], data: connection.data }, to), kind }
  })
  return [...plain, ...taggedInitials(graph)]
}

/** Whether a connection carries an initial message rather than being a wire; in Reflow `data` decides, whatever `from` says. */
export function isInitial(connection: GraphConnection): boolean {
  return (connection.data !== undefined && connection.data !== null) || connection.from.nodeId === ''
}

/** What Millrace alone keeps in a `metadata` or in `properties`. */
export function millraceOf(holder: Record<string, unknown> | null | undefined): Record<string, unknown> {
  const own = holder?.['millrace']
  return isRecord(own) ? own : {}
}

/** Whether this is a number of messages that a wire can hold. */
export function isCapacity(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) > 0
}

/** Whether this names a message kind. */
export function kindOf(value: unknown): MessageKind | undefined {
  return typeof value === 'string' && isKind(value) ? value : undefined
}

/** Whether this is an object with keys. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function taggedInitials(graph: GraphExport): GraphInitial[] {
  const listed = millraceOf(graph.properties)['initials']
  if (!Array.isArray(listed)) return []
  return listed.map((entry: unknown, index): GraphInitial => {
    if (!isRecord(entry) || typeof entry['node'] !== 'string' || typeof entry['port'] !== 'string')
      throw new MillraceError(
        'MESSAGE_INVALID',
        `properties.millrace.initials[${index}]: expected {"node", "port", "message"}`,
      )
    const to = { node: entry['node'], port: entry['port'] }
    const tagged = entry['message']
    const kind = isRecord(tagged) ? kindOfTag(tagged['type']) : undefined
    return { to, value: decoded(tagged, to), ...(kind && { kind }) }
  })
}

function decoded(tagged: unknown, to: WireEnd): unknown {
  try {
    return fromTagged(tagged)
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new MillraceError('MESSAGE_INVALID', `the initial message of ${to.node}.${to.port}: ${reason}`, { cause })
  }
}

function remoteOf(component: string): GraphNode['remote'] {
  const at = component.lastIndexOf('@')
  if (at < 1 || at === component.length - 1) return undefined
  return { node: component.slice(0, at), networkId: component.slice(at + 1) }
}

function positionOf(value: unknown): GraphNode['position'] {
  if (!isRecord(value)) return undefined
  const { x, y } = value
  return typeof x === 'number' && typeof y === 'number' ? { x, y } : undefined
}

function endOf({ nodeId, portId }: GraphEdge): WireEnd {
  return { node: nodeId, port: portId }
}

function isKind(text: string): text is MessageKind {
  return Object.hasOwn(messageTags, text)
}

function kindOfTag(tag: unknown): MessageKind | undefined {
  return Object.entries(messageTags).flatMap(([kind, known]) => (known === tag && isKind(kind) ? [kind] : []))[0]
}
