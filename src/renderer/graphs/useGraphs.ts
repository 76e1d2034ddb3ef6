import { defineStore } from 'pinia'
import { computed, shallowRef, watch } from 'vue'
import type {
  ActorDescription,
  GraphChange,
  GraphCommand,
  GraphEvent,
  GraphExport,
  GraphSummary,
} from '../../shared/index.ts'
import { applyChanges, graphComponentsOf } from '../../graph/index.ts'
import type { LabClient } from '../connection/connect-lab.ts'
import { useStream } from '../connection/useStream.ts'
import { useConnection } from '../stores/useConnection.ts'
import { useToasts } from '../stores/useToasts.ts'
import { failureOf, type Failure } from '../view/failure.ts'

/** A graph of the lab as it is being edited. */
export interface OpenGraph {
  summary: GraphSummary
  value: GraphExport
  /** The graphs inside it, described as actors are. */
  inner: readonly ActorDescription[]
  /** Which graph of the lab each of them is, or why it cannot be edited. */
  insides: readonly { component: string; graph?: string | undefined; refusal?: string | undefined }[]
}

/** How an edit enters the history: see the contract. */
export interface EditHow {
  name?: string
  mergeKey?: string
}

/** The graphs of the lab, edits included, and the verbs that change them. Each call waits for those before it. */
export const useGraphs = defineStore('graphs', () => {
  const connection = useConnection()
  const toasts = useToasts()
  const graphs = shallowRef<ReadonlyMap<string, OpenGraph>>(new Map())
  /** The graph that was edited last: what an undo is for. */
  const current = shallowRef<string>()
  let queue: Promise<unknown> = Promise.resolve()

  /** The graph that was brought to what runs last. */
  const applied = shallowRef<{ graph: string; timeMs: number }>()
  const { notShown } = useStream<GraphEvent>({
    title: 'The graphs',
    open: (client, signal) => client.streams.graphs({}, { signal }),
    catchUp: readAll,
    show: (events) => {
      for (const { type, summary, changes } of events) {
        if (type === 'edited') current.value = summary.graph
        if (type === 'applied') applied.value = { graph: summary.graph, timeMs: Date.now() }
        advance(summary, changes)
      }
    },
  })
  watch(notShown, () => {
    const client = connection.current?.client
    if (client) void enqueue('Reading the graphs', () => readAll(client))
  })

  async function readAll(client: LabClient): Promise<void> {
    const summaries = await client.graphs.list({})
    for (const { graph } of summaries) await read(client, graph)
  }

  async function read(client: LabClient, graph: string): Promise<void> {
    const { summary, value, inner, insides } = await client.graphs.get({ graph })
    // The lab has parsed it; the contract cannot name its type without repeating the file's schema.
    put({ summary, value: value as unknown as GraphExport, inner, insides })
  }

  function put(open: OpenGraph): void {
    graphs.value = new Map(graphs.value).set(open.summary.graph, open)
  }

  /** Takes over what happened to a graph; what cannot be followed step by step is read anew. */
  function advance(summary: GraphSummary, changes: readonly GraphChange[]): void {
    const known = graphs.value.get(summary.graph)
    const behind = known === undefined ? Number.NaN : summary.revision - known.summary.revision
    if (known && behind === 0) return put({ ...known, summary })
    if (behind < 0) return
    if (known && behind === 1) {
      const { graph: value } = applyChanges(known.value, changes)
      put({ ...known, summary, value })
      if (value.inports !== known.value.inports || value.outports !== known.value.outports) readUsers(summary)
      if (String(graphComponentsOf(value)) === String(graphComponentsOf(known.value))) return
    }
    const client = connection.current?.client
    if (client) void enqueue('Reading the graph', () => read(client, summary.graph))
  }

  /** Who uses a graph sees its ports; who uses those that use it, the kinds of theirs. */
  function readUsers({ uses }: GraphSummary): void {
    const client = connection.current?.client
    const near = uses.map(({ graph }) => graph)
    const far = near.flatMap((user) => graphs.value.get(user)?.summary.uses.map(({ graph }) => graph) ?? [])
    const users = new Set([...near, ...far])
    for (const user of users) if (client) void enqueue('Reading the graph', () => read(client, user))
  }

  /** Does one thing after the other; answers why it could not be done. */
  function enqueue(title: string, act: () => Promise<unknown>, { quiet = false } = {}): Promise<Failure | undefined> {
    const done = queue.then(act).then(
      () => undefined,
      (error: unknown) => {
        const failure = failureOf(error)
        if (!quiet) toasts.show({ tone: 'error', title: `${title} failed`, ...failure })
        return failure
      },
    )
    queue = done
    return done
  }

  function ask(
    title: string,
    act: (client: LabClient) => Promise<{ summary: GraphSummary; changes?: GraphChange[] } | GraphSummary | object>,
    how?: { quiet?: boolean },
  ): Promise<Failure | undefined> {
    return enqueue(
      title,
      async () => {
        const client = connection.current?.client
        if (!client) throw new Error('the lab cannot be reached now; what was edited before is kept there')
        const answer = await act(client)
        if ('summary' in answer) advance(answer.summary, answer.changes ?? [])
        else if ('revision' in answer) advance(answer, [])
      },
      how,
    )
  }

  /** Does commands as one step. Answers why not; `quiet` leaves telling it to the caller. */
  function edit(
    graph: string,
    commands: readonly GraphCommand[],
    { quiet = false, ...how }: EditHow & { quiet?: boolean } = {},
  ): Promise<Failure | undefined> {
    if (commands.length === 0) return Promise.resolve(undefined)
    current.value = graph
    return ask('The edit', (client) => client.graphs.edit({ graph, commands: [...commands], ...how }), { quiet })
  }

  type Client = LabClient['graphs']
  /** Makes a graph of nodes, as one step; answers the nodes that are new, or why not. */
  async function makeSubgraph(
    request: Parameters<Client['makeSubgraph']>[0],
  ): Promise<Failure | { nodes: readonly string[] }> {
    current.value = request.graph
    let nodes: readonly string[] = []
    const failure = await ask(
      'The subgraph',
      async (client) => {
        const answer = await client.graphs.makeSubgraph(request)
        nodes = answer.nodes
        return answer
      },
      { quiet: true },
    )
    return failure ?? { nodes }
  }

  /** Puts what is inside a node in its place, as one step; answers the nodes that are new. */
  async function dissolveSubgraph(
    request: Parameters<Client['dissolveSubgraph']>[0],
  ): Promise<Failure | { nodes: readonly string[] }> {
    current.value = request.graph
    let nodes: readonly string[] = []
    const failure = await ask(`Dissolving ${request.node}`, async (client) => {
      const answer = await client.graphs.dissolveSubgraph(request)
      nodes = answer.nodes
      return answer
    })
    return failure ?? { nodes }
  }

  /** The graphs that were changed by steps of these names, which are undone and done again together. */
  const together = new Map<string, readonly string[]>()

  /** Does commands in several graphs as one step. Answers why not; then nothing has changed in any. */
  async function editTogether(
    name: string,
    steps: readonly { graph: string; commands: readonly GraphCommand[] }[],
  ): Promise<Failure | undefined> {
    const done: string[] = []
    for (const { graph, commands } of steps) {
      const failure = await edit(graph, commands, { name })
      if (failure) {
        for (const other of done.toReversed()) await ask('Undo', (client) => client.graphs.undo({ graph: other }))
        return failure
      }
      done.push(graph)
    }
    together.set(name, done)
    return undefined
  }

  /** A graph, and those that took the same step with it, where that is what each of them would take back or do again. */
  function partners(summary: GraphSummary | undefined, field: 'undoName' | 'redoName'): readonly string[] {
    const name = summary?.[field]
    if (summary === undefined || name === undefined) return []
    const group = together.get(name) ?? []
    const isWhole = group.every((graph) => graphs.value.get(graph)?.summary[field] === name)
    return isWhole && group.includes(summary.graph) ? group : [summary.graph]
  }

  const all = computed(() => [...graphs.value.values()])
  /** The graph that can be undone: the one edited last, else any that has something. */
  const withStep = (field: 'undoName' | 'redoName') => {
    const last = graphs.value.get(current.value ?? '')
    return last?.summary[field] === undefined ? all.value.find(({ summary }) => summary[field] !== undefined) : last
  }
  const undoable = computed(() => withStep('undoName')?.summary)
  const redoable = computed(() => withStep('redoName')?.summary)

  return {
    applied,
    all,
    of: (graph: string) => graphs.value.get(graph),
    edit,
    /** From now on an undo is for this graph first. */
    turnTo: (graph: string) => (current.value = graph),
    undoable,
    redoable,
    editTogether,
    makeSubgraph,
    dissolveSubgraph,
    undo(): void {
      for (const graph of partners(undoable.value, 'undoName'))
        void ask('Undo', (client) => client.graphs.undo({ graph }))
    },
    redo(): void {
      for (const graph of partners(redoable.value, 'redoName'))
        void ask('Redo', (client) => client.graphs.redo({ graph }))
    },
    apply: (graph: string) => ask('Apply', (client) => client.graphs.apply({ graph }), { quiet: true }),
    discard: (graph: string) => ask('Discard', (client) => client.graphs.discard({ graph })),
    save: (graph: string, overwrite = false) =>
      ask('Save', (client) => client.graphs.save({ graph, overwrite }), { quiet: true }),
    reload: (graph: string) => ask('Load anew', (client) => client.graphs.reload({ graph })),
    setLive: (graph: string, live: boolean) =>
      ask('Apply as I edit', (client) => client.graphs.setLive({ graph, live }), { quiet: true }),
  }
})
