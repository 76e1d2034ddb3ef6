/** The graph file, exactly Reflow's GraphExport: `*.graph.json`. What only Millrace knows lives under `millrace` in `properties` and `metadata`. */
export interface GraphExport {
  caseSensitive: boolean
  properties: Record<string, unknown>
  processes?: Record<string, GraphProcess>
  connections?: GraphConnection[]
  inports?: Record<string, GraphEdge>
  outports?: Record<string, GraphEdge>
  groups?: { id: string; nodes: string[]; metadata?: Record<string, unknown> | null }[]
  [unknownField: string]: unknown
}

/** A node of a graph: `component` names its actor, or `<node>@<networkId>` for a remote node; `metadata` is its config. */
export interface GraphProcess {
  id: string
  component: string
  metadata?: Record<string, unknown> | null
}

/** A wire, or, where `data` is present and `from` names no node, an initial message. */
export interface GraphConnection {
  from: GraphEdge
  to: GraphEdge
  metadata?: Record<string, unknown> | null
  data?: unknown
}

/** One end of a wire. */
export interface GraphEdge {
  nodeId: string
  portId: string
  portName: string
  expose: boolean
  portType: GraphPortType
  index?: number | null
  data?: unknown
  metadata?: Record<string, unknown> | null
}

/** The type of a port in a graph file. */
export type GraphPortType =
  | { type: 'any' | 'flow' | 'event' | 'boolean' | 'integer' | 'float' | 'string' | 'stream' | 'encoded' }
  | { type: 'object'; value: string }
  | { type: 'array' | 'option'; value: GraphPortType }
