import type { Finding } from '../../graph/index.ts'
import type {
  GraphCommand,
  InstanceDescription,
  InstanceMetrics,
  LabDescription,
  WireSnapshot,
} from '../../shared/index.ts'
import { fillLevel, fillShare } from './fill.ts'
import { formatCount, formatMs } from './format.ts'
import { runningSelected, type InnerPlace } from './inner-place.ts'
import type { Selected } from './selected.ts'
import { wireTitle } from './readable-text.ts'

/** Something that is wrong now, where it is, and what would mend it. */
export interface Problem {
  key: string
  severity: 'error' | 'warning'
  /** What it is, in a few words. */
  title: string
  /** What is known of it: text of actors and peers, to be shown as such. */
  text: string
  place?: Selected
  fix?: ProblemFix
}

/** What a click does about a problem. */
export type ProblemFix =
  | { type: 'start'; instance: string }
  | { type: 'restart'; instance: string }
  | { type: 'trust' }
  | { type: 'dead-letters' }
  | { type: 'end-breakpoint'; instance: string; wire: string }
  | { type: 'edit'; instance: string; title: string; commands: readonly GraphCommand[] }

/** Everything that is wrong now, errors first; the order is otherwise that of the lab, so that rows do not jump. */
export function problemsOf(
  lab: LabDescription | undefined,
  metricsOf: (instance: string) => InstanceMetrics | undefined,
  findingsOf: (instance: string) => readonly Finding[] = () => [],
  insides: readonly (InnerPlace & { name: string; graph: string })[] = [],
  isSilent: (instance: string) => boolean = () => false,
): Problem[] {
  if (!lab) return []
  const graphs = [
    ...insides.flatMap((inside) => ofGraph(inside.name, findingsOf(inside.name), inside)),
    ...lab.instances.flatMap(({ instance }) => ofGraph(instance, findingsOf(instance))),
  ]
  // The lab was checked as it was opened, and named what stands in its graphs with the line; as they are drawn now is what counts.
  const warnings = [...new Set(lab.warnings)].filter(
    (warning) => !graphs.some(({ text }) => warning.endsWith(` ${text}`)),
  )
  const all = [
    ...(lab.trust.trusted || lab.instances.length === 0 ? [] : [untrusted(lab)]),
    ...warnings.map((text): Problem => ({
      key: `warning ${text}`,
      severity: 'warning',
      title: 'Warning about a file',
      text,
    })),
    ...graphs,
    ...lab.instances.flatMap((instance) => [
      ...ofInstance(instance),
      ...(instance.state === 'running' && isSilent(instance.instance) ? [silent(instance)] : []),
      ...ofFigures(metricsOf(instance.instance)),
    ]),
  ]
  return [...all.filter(({ severity }) => severity === 'error'), ...all.filter(({ severity }) => severity !== 'error')]
}

function untrusted({ trust }: LabDescription): Problem {
  return {
    key: 'trust',
    severity: 'warning',
    title: 'This folder is not trusted',
    text: `nothing runs until you trust ${trust.folder}`,
    fix: { type: 'trust' },
  }
}

function ofInstance({ instance, state, reason }: InstanceDescription): Problem[] {
  if (state !== 'failed' && state !== 'crashed') return []
  return [
    {
      key: `instance ${instance}`,
      severity: 'error',
      title: state === 'failed' ? 'Instance failed' : 'Instance crashed',
      text: reason ?? 'it said no reason',
      place: { type: 'instance', instance },
      fix: { type: 'start', instance },
    },
  ]
}

/** It runs and sends no figures: whatever else is said of it is from before. */
function silent({ instance }: InstanceDescription): Problem {
  return {
    key: `silent ${instance}`,
    severity: 'error',
    title: 'Instance does not answer',
    text: 'it has sent no figures for some seconds: one of its actors may compute without a break, which a restart ends',
    place: { type: 'instance', instance },
    fix: { type: 'restart', instance },
  }
}

/** What would keep the graph, as it is edited, from running, and what of it may not be meant; mere notes stand at their node alone. */
function ofGraph(instance: string, findings: readonly Finding[], inside?: InnerPlace & { graph: string }): Problem[] {
  const at = (place: Selected): Selected => runningSelected(place, inside)
  const graph = inside ? inside.graph : 'The graph'
  return findings.flatMap(({ code, severity, message, pointer, node, wire, fix }): Problem[] => {
    if (severity === 'note') return []
    return [
      {
        key: `finding ${instance} ${code} ${pointer}`,
        severity,
        title: severity === 'error' ? `${graph} cannot run as it is drawn` : `${graph} may not be as it is meant`,
        text: message,
        ...(node !== undefined
          ? { place: at({ type: 'node', instance, node }) }
          : wire !== undefined && { place: at({ type: 'wire', instance, wire }) }),
        ...(fix && { fix: { type: 'edit', instance, title: fix.title, commands: fix.commands } }),
      },
    ]
  })
}

function ofFigures(metrics: InstanceMetrics | undefined): Problem[] {
  if (!metrics) return []
  return [...ofLoop(metrics), ...ofNodes(metrics), ...ofWires(metrics), ...ofLinks(metrics)]
}

/** From here on links miss heartbeats and timers come noticeably late. */
const starvedMs = 250

/** A behaviour that computes for long without awaiting keeps everything else of its instance waiting. */
function ofLoop({ instance, process, nodes }: InstanceMetrics): Problem[] {
  const { loopLagMaxMs } = process
  if (loopLagMaxMs < starvedMs) return []
  const busiest = nodes.toSorted((one, other) => other.busyMs - one.busyMs)[0]
  const suspect = busiest && busiest.busyMs > 0 ? `; ${busiest.id} has computed longest since its start` : ''
  return [
    {
      key: `loop ${instance}`,
      severity: 'warning',
      title: `${instance} computes without a break`,
      text: `its timers, links and other nodes waited up to ${formatMs(loopLagMaxMs)} in the last second${suspect}`,
      place:
        busiest && busiest.busyMs > 0 ? { type: 'node', instance, node: busiest.id } : { type: 'instance', instance },
    },
  ]
}

function ofNodes({ instance, nodes, deadLetters }: InstanceMetrics): Problem[] {
  const found = nodes.flatMap((node): Problem[] => {
    const place: Selected = { type: 'node', instance, node: node.id }
    if (node.state === 'parked' || node.state === 'failed')
      return [
        {
          key: `node ${instance} ${node.id}`,
          severity: 'error',
          title: node.state === 'parked' ? 'Node parked after too many failures' : 'Node failed',
          text: node.lastError ?? 'it said no reason',
          place,
          fix: { type: 'restart', instance },
        },
      ]
    if (node.errors === 0) return []
    return [
      {
        key: `errors ${instance} ${node.id}`,
        severity: 'warning',
        title: `${formatCount(node.errors)} ${node.errors === 1 ? 'failure' : 'failures'} of this node`,
        text: node.lastError ?? '',
        place,
      },
    ]
  })
  if (deadLetters === 0) return found
  return [
    ...found,
    {
      key: `dead ${instance}`,
      severity: 'warning',
      title: `${formatCount(deadLetters)} dead ${deadLetters === 1 ? 'letter' : 'letters'}`,
      text: 'messages that could not be delivered or processed',
      place: { type: 'instance', instance },
      fix: { type: 'dead-letters' },
    },
  ]
}

/** What a full queue waits for, if that is a breakpoint: the wire that has it, which may be some way on. */
function holderOf(
  wire: WireSnapshot,
  wires: readonly WireSnapshot[],
  seen = new Set<string>(),
): WireSnapshot | undefined {
  if ((wire.held ?? 0) > 0) return wire
  seen.add(wire.id)
  for (const next of wires) {
    if (next.from.node !== wire.to.node || seen.has(next.id) || !(isFull(next) || (next.held ?? 0) > 0)) continue
    const holder = holderOf(next, wires, seen)
    if (holder) return holder
  }
  return undefined
}

function isFull({ queued, capacity }: WireSnapshot): boolean {
  return fillLevel(fillShare(queued, capacity)) === 'full'
}

function fullQueue(instance: string, wire: WireSnapshot, wires: readonly WireSnapshot[]): Problem {
  const { id, queued, capacity } = wire
  const holder = holderOf(wire, wires)
  const all = { key: `full ${instance} ${id}`, severity: 'warning' as const }
  if (!holder)
    return {
      ...all,
      title: 'Queue is full, its sender waits',
      text: `${queued} of ${capacity} on ${wireTitle(id)}`,
      place: { type: 'wire', instance, wire: id },
    }
  return {
    ...all,
    title: 'A breakpoint holds a full queue, its sender waits',
    text: `${queued} of ${capacity} on ${wireTitle(id)}; the breakpoint on ${wireTitle(holder.id)} holds ${holder.held}`,
    place: { type: 'wire', instance, wire: holder.id },
    fix: { type: 'end-breakpoint', instance, wire: holder.id },
  }
}

function ofWires({ instance, wires }: InstanceMetrics): Problem[] {
  return wires.flatMap((wire): Problem[] => {
    const { id, dropped } = wire
    const place: Selected = { type: 'wire', instance, wire: id }
    const full = isFull(wire) ? [fullQueue(instance, wire, wires)] : []
    const lost: Problem[] =
      dropped > 0
        ? [
            {
              key: `dropped ${instance} ${id}`,
              severity: 'warning',
              title: `${formatCount(dropped)} messages dropped by the policy of a wire`,
              text: wireTitle(id),
              place,
            },
          ]
        : []
    return [...full, ...lost]
  })
}

function ofLinks({ instance, links }: InstanceMetrics): Problem[] {
  return links.flatMap(({ peer, state, reason, lost, uncertain = 0 }): Problem[] => {
    const place: Selected = { type: 'link', instance, peer }
    const broken: Problem[] =
      state === 'down' || state === 'refused' || state === 'suspect'
        ? [
            {
              key: `link ${instance} ${peer}`,
              severity: state === 'suspect' ? 'warning' : 'error',
              title: `Link to ${peer} is ${state}`,
              text: reason ?? 'it is tried again',
              place,
            },
          ]
        : []
    const losses: Problem[] =
      lost > 0
        ? [
            {
              key: `lost ${instance} ${peer}`,
              severity: 'error',
              title: `${formatCount(lost)} messages lost on the link to ${peer}`,
              text: 'they could not be resumed',
              place,
            },
          ]
        : []
    const doubts: Problem[] =
      uncertain > 0
        ? [
            {
              key: `uncertain ${instance} ${peer}`,
              severity: 'warning',
              title: `${formatCount(uncertain)} messages may be lost at ${peer}`,
              text: 'it had received them when it was killed, and nobody knows whether an actor had them; the log has their numbers',
              place,
            },
          ]
        : []
    return [...broken, ...losses, ...doubts]
  })
}
