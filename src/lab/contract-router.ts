import type { InstanceMetrics, TaggedMessage } from '../shared/index.ts'
import { AcknowledgedStreams } from './acknowledged-stream.ts'
import { contractImplementer, done } from './contract-implementer.ts'
import { parseGraph } from '../graph/index.ts'
import { inspectionRouter } from './inspection-router.ts'
import { graphRouter } from './graph-router.ts'
import { layoutGraph } from './layout.ts'
import type { Lab } from './lab.ts'
import type { LabEvent } from './lab-options.ts'

const logBacklog = 5_000
const graphBacklog = 1_000
/**
 * Figures go out twice a second, those of all instances together: told as each instance samples them, eight times a second, they made the
 * window render, lay out and paint its whole canvas as often. Those of many nodes and wires go out once a second: to read, lay out and
 * paint them takes the window 100 ms.
 */
const figuresRestMs = (all: readonly InstanceMetrics[]) =>
  all.reduce((sum, { nodes, wires }) => sum + nodes.length + wires.length, 0) > manyParts ? 1_000 : 500
const manyParts = 250
/** Lines come as fast as eyes follow them. */
const logRestMs = 250

/** Whether the lab may look otherwise after an event. */
function isOfLab(event: LabEvent): boolean {
  return (
    ['instance', 'instanceRemoved', 'trusted', 'actorsChanged'].includes(event.type) ||
    (event.type === 'graph' && event.event.type !== 'saved')
  )
}

/** Implements the contract for one consumer of a lab; each connection gets its own, and with it its own streams. */
export function contractRouter(lab: Lab) {
  const streams = new AcknowledgedStreams()
  const os = contractImplementer(lab)
  const inspection = inspectionRouter(os, lab, streams)

  const follow =
    <Item>(initial: () => Item[], select: (event: LabEvent) => Item | undefined) =>
    (push: (item: Item) => void) => {
      for (const item of initial()) push(item)
      return lab.subscribe((event) => {
        const item = select(event)
        if (item !== undefined) push(item)
      })
    }

  return os.router({
    lab: {
      get: os.lab.get.handler(() => lab.describe()),
      catalogue: os.lab.catalogue.handler(() => lab.catalogue),
      trust: os.lab.trust.handler(() => {
        lab.trust()
        return {}
      }),
    },
    instances: {
      start: os.instances.start.handler(async ({ input }) => done(lab.start(input.instance))),
      stop: os.instances.stop.handler(async ({ input }) => done(lab.stop(input.instance))),
      kill: os.instances.kill.handler(async ({ input }) => done(lab.kill(input.instance))),
      restart: os.instances.restart.handler(async ({ input }) => done(lab.restart(input.instance))),
      duplicate: os.instances.duplicate.handler(({ input }) => ({ instance: lab.duplicate(input.instance) })),
      remove: os.instances.remove.handler(async ({ input }) => done(lab.remove(input.instance))),
      isolate: os.instances.isolate.handler(({ input }) => {
        lab.isolate(input.instance, input.isolation)
        return {}
      }),
      startAll: os.instances.startAll.handler(async () => done(lab.startAll())),
      stopAll: os.instances.stopAll.handler(async () => done(lab.stopAll())),
      ...inspection.instances,
    },
    nodes: {
      send: os.nodes.send.handler(async ({ input }) =>
        done(lab.send(input.instance, input.node, input.port, input.message as TaggedMessage)),
      ),
      ...inspection.nodes,
    },
    links: {
      try: os.links.try.handler(({ input }) => lab.links.try(input)),
      add: os.links.add.handler(({ input: { instance, ...peer } }) => done(lab.links.add(instance, peer))),
      remove: os.links.remove.handler(({ input }) => done(lab.links.remove(input.instance, input.endpoint))),
      reconnect: os.links.reconnect.handler(({ input }) => done(lab.links.reconnect(input.instance, input.endpoint))),
      changeTokens: os.links.changeTokens.handler(({ input }) => lab.links.changeTokens(input.instance, input.tokens)),
      changePeerTokens: os.links.changePeerTokens.handler(({ input: { instance, endpoint, ...tokens } }) =>
        done(lab.links.changePeerTokens(instance, endpoint, tokens)),
      ),
      disturb: os.links.disturb.handler(({ input }) =>
        done(lab.links.disturb(input.instance, input.endpoint, input.disturbance)),
      ),
      ping: os.links.ping.handler(({ input }) => lab.links.ping(input.instance, input.networkId)),
      discover: os.links.discover.handler(({ input: { instance, networkId, capability, tag } }) =>
        lab.links.discover(instance, {
          ...(networkId !== undefined && { networkId }),
          ...(capability !== undefined && { capability }),
          ...(tag !== undefined && { tag }),
        }),
      ),
      directory: os.links.directory.handler(({ input }) => lab.links.directory(input.instance, input.networkId)),
    },
    home: {
      get: os.home.get.handler(() => lab.home.describe()),
      open: os.home.open.handler(({ input }) => done(lab.home.open(input))),
      choose: os.home.choose.handler(() => done(lab.home.choose())),
      forget: os.home.forget.handler(({ input }) => {
        lab.home.forget(input.file)
        return {}
      }),
    },
    alerts: {
      raise: os.alerts.raise.handler(({ input }) => {
        lab.alert(input)
        return {}
      }),
    },
    layout: {
      place: os.layout.place.handler(async ({ input: { text, keep, sizes }, signal }) => {
        const graph = parseGraph(text, 'the graph')
        const request = { graph, catalogue: lab.catalogue, keep, ...(sizes && { sizes }) }
        return layoutGraph(request, { signal })
      }),
    },
    wires: inspection.wires,
    breakpoints: inspection.breakpoints,
    graphs: graphRouter(os, lab),
    deadLetters: {
      ...inspection.deadLetters,
      list: os.deadLetters.list.handler(({ input }) => lab.deadLetters(input.instance)),
    },
    traces: {
      follow: os.traces.follow.handler(({ input }) => done(lab.traces.follow(input))),
      list: os.traces.list.handler(({ input }) => ({
        following: lab.traces.following(),
        traces: lab.traces.store.list(input),
        notKept: lab.traces.store.notKept,
      })),
      next: os.traces.next.handler(({ input: { instance, place, withinMs } }) =>
        lab.traces.followNext(instance, place, withinMs),
      ),
      send: os.traces.send.handler(async ({ input: { instance, node, port, message } }) => {
        const traceId = await lab.traces.send(instance, { node, port }, message as TaggedMessage)
        return traceId === undefined ? {} : { traceId }
      }),
      clear: os.traces.clear.handler(() => {
        lab.traces.store.clear()
        return {}
      }),
      get: os.traces.get.handler(({ input }) => ({ spans: lab.traces.store.get(input.traceId) })),
    },
    metrics: {
      history: os.metrics.history.handler(({ input }) => lab.history.since(input.sinceMs)),
    },
    logs: {
      recent: os.logs.recent.handler(({ input }) => lab.logs.recent(input)),
    },
    streams: {
      lab: os.streams.lab.handler(({ signal }) =>
        streams.open(
          follow(
            () => [lab.describe()],
            (event) => (isOfLab(event) ? lab.describe() : undefined),
          ),
          { keep: 'latest', keyOf: () => 'lab' },
          signal,
        ),
      ),
      metrics: os.streams.metrics.handler(({ signal }) =>
        streams.open(
          follow(
            () => lab.metrics(),
            (event) => (event.type === 'metrics' ? event.metrics : undefined),
          ),
          { keep: 'latest', keyOf: ({ instance }) => instance },
          signal,
          { restMs: figuresRestMs },
        ),
      ),
      graphs: os.streams.graphs.handler(({ signal }) =>
        streams.open(
          follow(
            () => [],
            (event) => (event.type === 'graph' ? event.event : undefined),
          ),
          { keep: 'newest', limit: graphBacklog },
          signal,
        ),
      ),
      logs: os.streams.logs.handler(({ signal }) =>
        streams.open(
          follow(
            () => [],
            (event) => (event.type === 'log' ? event.entry : undefined),
          ),
          { keep: 'newest', limit: logBacklog },
          signal,
          { restMs: () => logRestMs },
        ),
      ),
      tap: inspection.tap,
      acknowledge: os.streams.acknowledge.handler(({ input }) => {
        streams.acknowledge(input.stream, input.number)
        return {}
      }),
    },
  })
}
