/** What of ELK's JSON format (eclipse.dev/elk) is used here; sizes and places in the canvas's own units. */
export interface ElkShape {
  id: string
  x?: number
  y?: number
  width?: number
  height?: number
  layoutOptions?: Record<string, string>
}

/** A node, or a group with the nodes in it, whose places are then relative to it. */
export interface ElkNode extends ElkShape {
  ports?: ElkShape[]
  children?: ElkNode[]
}

/** What goes to ELK, and comes back with places filled in. */
export interface ElkGraph extends ElkNode {
  edges: { id: string; sources: string[]; targets: string[] }[]
}

/** A worker that runs `elk-worker.min.js`, wherever it lives. */
export interface ElkWorker {
  post(message: unknown): void
  /** Called with every message of the worker. */
  onMessage(listener: (message: unknown) => void): void
}

/** Asks an ELK worker for a layout; rejects with what ELK says, which is about our input rather than a user's file. */
export function askElk(worker: ElkWorker, graph: ElkGraph): Promise<ElkGraph> {
  return new Promise((resolve, reject) => {
    worker.onMessage((message) => {
      const answer = message as { id: number; error?: unknown; data?: ElkGraph }
      if (answer.error !== undefined && answer.error !== null) reject(asError(answer.error))
      else if (answer.id === 0) worker.post({ id: 1, cmd: 'layout', graph, layoutOptions: {}, options: {} })
      else if (answer.data !== undefined) resolve(answer.data)
    })
    worker.post({ id: 0, cmd: 'register', algorithms: ['layered'] })
  })
}

function asError(error: unknown): Error {
  if (error instanceof Error) return error
  const message = typeof error === 'object' && error !== null && 'message' in error ? error.message : error
  return new Error(String(message))
}
