import type { ActorDescription, GraphConnection, GraphEdge, GraphExport } from '../../src/shared/index.ts'

export const edge = (nodeId: string, portId: string): GraphEdge => ({
  nodeId,
  portId,
  portName: '',
  expose: false,
  portType: { type: 'any' },
})

/** `wire('a.Output', 'b.Input')` */
export function wire(from: string, to: string, metadata?: Record<string, unknown>): GraphConnection {
  const [source, outport] = from.split('.')
  const [target, inport] = to.split('.')
  return {
    from: edge(source ?? '', outport ?? ''),
    to: edge(target ?? '', inport ?? ''),
    ...(metadata && { metadata }),
  }
}

export function initial(to: string, data?: unknown, metadata?: Record<string, unknown>): GraphConnection {
  return { ...wire('.', to, metadata), ...(data !== undefined && { data }) }
}

/** `graph({ a: 'Source', b: ['Sink', { level: 'info' }] }, [wire(…)])` */
export function graph(
  nodes: Record<string, string | [string, Record<string, unknown>]>,
  connections: GraphConnection[] = [],
  properties: Record<string, unknown> = {},
): GraphExport {
  const processes = Object.entries(nodes).map(([id, given]) => {
    const [component, metadata] = typeof given === 'string' ? [given, undefined] : given
    return [id, { id, component, ...(metadata && { metadata }) }] as const
  })
  return {
    caseSensitive: true,
    properties: { name: 'test', ...properties },
    processes: Object.fromEntries(processes),
    connections,
  }
}

export const catalogue: ActorDescription[] = [
  {
    name: 'Source',
    description: '',
    selfStarting: true,
    inports: { Trigger: { kind: 'flow' }, Scale: { kind: 'float' } },
    outports: { Output: { kind: 'object' }, Count: { kind: 'integer' } },
    config: {
      type: 'object',
      properties: {
        everyMs: { type: 'number', minimum: 1, default: 20 },
        mode: { enum: ['fast', 'slow'] },
        names: { type: 'array', items: { type: 'string', maxLength: 5 }, minItems: 1 },
        limit: { anyOf: [{ type: 'integer', exclusiveMinimum: 0 }, { const: 'none' }] },
      },
      required: ['mode'],
    },
  },
  {
    name: 'Sink',
    description: '',
    inports: { Input: { kind: 'object' }, Ratio: { kind: 'float' }, Text: { kind: 'string' }, Any: { kind: 'any' } },
    outports: {},
    config: {},
  },
  {
    name: 'Front',
    description: '',
    inports: {},
    outports: { Request: { kind: 'object' } },
    config: { type: 'object', properties: { port: { type: 'integer', format: 'port', default: 9080 } } },
  },
  {
    name: 'Shared',
    description: '',
    inports: {},
    outports: { Request: { kind: 'object' } },
    config: {
      type: 'object',
      properties: {
        port: { type: 'integer', format: 'port', 'x-shared-by': ['method', 'path'] },
        method: { type: 'string' },
        path: { type: 'string' },
      },
    },
  },
]
