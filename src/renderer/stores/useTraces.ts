import { defineStore } from 'pinia'
import { computed, shallowRef } from 'vue'
import type { TraceSpan, TraceSummary } from '../../shared/index.ts'
import type { LabClient } from '../connection/connect-lab.ts'
import { failureOf, type Failure } from '../view/failure.ts'
import { formatMs } from '../view/format.ts'
import { pathOfTrace, type Path } from '../view/path.ts'
import { traceTree } from '../view/trace-rows.ts'
import { useCommands } from './useCommands.ts'
import { useConnection } from './useConnection.ts'
import { usePath } from './usePath.ts'

/** Where the next message is to be followed. */
export type FollowPlace = { instance: string } & ({ node: string; port?: string } | { wire: string })

const listed = 100

/** The messages that were followed: which there are, the one that is looked at, and what is waited for. */
export const useTraces = defineStore('traces', () => {
  const connection = useConnection()
  const commands = useCommands()
  const path = usePath()
  const all = shallowRef<readonly TraceSummary[]>([])
  const following = shallowRef<readonly { instance: string; oneIn: number }[]>([])
  const notKept = shallowRef(0)
  const chosen = shallowRef<string>()
  const spans = shallowRef<readonly TraceSpan[]>([])
  const failure = shallowRef<Failure>()
  /** What is waited for, in words. */
  const awaited = shallowRef<string>()
  const tree = computed(() => traceTree(spans.value))
  /** What this has lit up on the canvas: what others have is left alone. */
  let lit: Path | undefined
  /** A trace was chosen that is not lit up yet: its first hops may still be on their way. */
  let isToLight = false

  /** Asks the lab what there is now; the panel does, once a second while it is on screen. */
  async function refresh(): Promise<void> {
    const { current } = connection
    if (!current) return
    try {
      const list = await current.client.traces.list({ limit: listed })
      const before = all.value.find(({ traceId }) => traceId === chosen.value)
      all.value = list.traces
      following.value = list.following
      notKept.value = list.notKept
      failure.value = undefined
      const now = list.traces.find(({ traceId }) => traceId === chosen.value)
      if (now && (now.spans !== before?.spans || spans.value.length === 0)) await load(now.traceId)
    } catch (error) {
      if (connection.current === current) failure.value = failureOf(error)
    }
  }

  async function load(traceId: string, { isBegun = false } = {}): Promise<void> {
    const { current } = connection
    if (!current) return
    try {
      const found = await current.client.traces.get({ traceId })
      if (chosen.value !== traceId) return
      spans.value = found.spans
      failure.value = undefined
      if (isToLight || path.shown === lit) light()
    } catch (error) {
      const why = failureOf(error)
      if (chosen.value === traceId && !(isBegun && why.code === 'MESSAGE_GONE')) failure.value = why
    }
  }

  function light(): void {
    isToLight = false
    lit = pathOfTrace(tree.value, `Trace of ${formatMs(tree.value.durationMs)}`)
    path.show(lit)
  }

  /** Looks at a trace: here, and on the canvas. */
  async function choose(traceId: string, how?: { isBegun: boolean }): Promise<void> {
    if (chosen.value !== traceId) spans.value = []
    chosen.value = traceId
    isToLight = true
    await load(traceId, how)
  }

  /** Waits for a trace and looks at it. */
  async function awaitTrace(what: string, ask: (client: LabClient) => Promise<{ traceId?: string | undefined }>) {
    awaited.value = what
    let traceId: string | undefined
    await commands.ask(what, async (client) => {
      ;({ traceId } = await ask(client))
    })
    if (awaited.value === what) awaited.value = undefined
    if (traceId === undefined) return
    await choose(traceId, { isBegun: true })
    await refresh()
  }

  return {
    all,
    following,
    notKept,
    chosen,
    spans,
    tree,
    failure,
    awaited,
    refresh,
    choose: (traceId: string) => choose(traceId),
    followNext: ({ instance, ...place }: FollowPlace, name: string) =>
      awaitTrace(`Follow the next message ${'wire' in place ? 'over' : 'of'} ${name}`, (client) =>
        client.traces.next({ instance, place }),
      ),
    /** Sends a message and follows it. */
    send: (to: { instance: string; node: string; port: string }, message: { type: string; data?: unknown }) =>
      awaitTrace(`Follow a message to ${to.node}`, (client) => client.traces.send({ ...to, message })),
    /** Follows one in so many of all messages that nothing else caused; 0 for none. */
    async sample(oneIn: number): Promise<void> {
      await commands.ask('Follow messages', (client) => client.traces.follow({ oneIn }))
      await refresh()
    },
    async clear(): Promise<void> {
      await commands.ask('Forget the traces', (client) => client.traces.clear({}))
      chosen.value = undefined
      spans.value = []
      path.clear()
      await refresh()
    },
  }
})
