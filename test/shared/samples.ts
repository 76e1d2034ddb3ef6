import type {
  InstanceDescription,
  InstanceMetrics,
  LinkSnapshot,
  LogEntry,
  NodeSnapshot,
  WireSnapshot,
} from '../../src/shared/index.ts'

/** A node that has done nothing yet. */
export function nodeSnapshot(id: string, changes: Partial<NodeSnapshot> = {}): NodeSnapshot {
  return {
    id,
    component: 'Any',
    role: 'local',
    state: 'idle',
    received: 0,
    sent: 0,
    errors: 0,
    deadLetters: 0,
    queued: 0,
    outbox: 0,
    busyMs: 0,
    blockedMs: 0,
    gauges: {},
    ...changes,
  }
}

/** An empty wire, by its id `a.Out -> b.In`. */
export function wireSnapshot(id: string, changes: Partial<WireSnapshot> = {}): WireSnapshot {
  const [from, to] = id.split(' -> ').map((end) => ({ node: end.split('.')[0] ?? '', port: end.split('.')[1] ?? '' }))
  return {
    id,
    from: from ?? { node: '', port: '' },
    to: to ?? { node: '', port: '' },
    queued: 0,
    queuedBytes: 0,
    capacity: 100,
    highWater: 0,
    accepted: 0,
    dropped: 0,
    ...changes,
  }
}

/** A link that is up and has carried nothing. */
export function linkSnapshot(peer: string, changes: Partial<LinkSnapshot> = {}): LinkSnapshot {
  return {
    peer,
    address: '127.0.0.1:9001',
    direction: 'dialled',
    state: 'up',
    secure: false,
    sent: 0,
    received: 0,
    lost: 0,
    duplicated: 0,
    sentBytes: 0,
    receivedBytes: 0,
    queued: 0,
    reconnects: 0,
    channels: [],
    ...changes,
  }
}

/** The figures of an instance at a moment, in milliseconds after its start. */
export function metricsAt(timeMs: number, changes: Partial<InstanceMetrics> = {}): InstanceMetrics {
  return {
    instance: 'data/1',
    timeMs,
    nodes: [],
    wires: [],
    links: [],
    deadLetters: 0,
    process: { pid: 1, uptimeMs: timeMs, loopLagP99Ms: 1, loopLagMaxMs: 2, cpu: 0.1, heapBytes: 1000 },
    ...changes,
  }
}

/** An instance whose nodes are given by name and whose wires by id; `name@network` is a remote node. */
export function instance(
  networkId: string,
  nodes: (string | { id: string; component: string; position?: { x: number; y: number } })[],
  wires: string[] = [],
  changes: Partial<InstanceDescription> = {},
): InstanceDescription {
  return {
    instance: `${networkId}/1`,
    networkId,
    instanceId: '1',
    state: 'running',
    isolation: 'thread',
    address: '127.0.0.1:9001',
    graphFile: `${networkId}.graph.json`,
    exports: [],
    restarts: 0,
    nodes: nodes.map((node) => {
      const given = typeof node === 'string' ? { id: node, component: node } : node
      const role = given.component.includes('@') ? 'remote' : 'local'
      return { inports: ['In'], outports: ['Out'], role, ...given }
    }),
    wires: wires.map((id) => {
      const { from, to } = wireSnapshot(id)
      return { id, from, to }
    }),
    ...changes,
  }
}

/** A log line by its number. */
export function logEntry(sequence: number, changes: Partial<LogEntry> = {}): LogEntry {
  return { sequence, timeMs: sequence, level: 'info', instance: 'data/1', text: `line ${sequence}`, ...changes }
}
