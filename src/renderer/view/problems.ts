import type { Finding } from '../../graph/index.ts'
import type { GraphCommand, InstanceDescription, InstanceMetrics, LabDescription } from '../../shared/index.ts'
import { fillLevel, fillShare } from './fill.ts'
import { formatCount } from './format.ts'
import type { Selected } from './selected.ts'

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
  | { type: 'edit'; instance: string; title: string; commands: readonly GraphCommand[] }

/** Everything that is wrong now, errors first; the order is otherwise that of the lab, so that rows do not jump. */
export function problemsOf(
  lab: LabDescription | undefined,
  metricsOf: (instance: string) => InstanceMetrics | undefined,
  findingsOf: (instance: string) => readonly Finding[] = () => [],
): Problem[] {
  if (!lab) return []
  const all = [
    ...(lab.trust.trusted || lab.instances.length === 0 ? [] : [untrusted(lab)]),
    ...lab.warnings.map((text): Problem => ({
      key: `warning ${text}`,
      severity: 'warning',
      title: 'Warning of the lab file',
      text,
    })),
    ...lab.instances.flatMap((instance) => [
      ...ofInstance(instance),
      ...ofGraph(instance.instance, findingsOf(instance.instance)),
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

/** What would keep the graph, as it is edited, from running. */
function ofGraph(instance: string, findings: readonly Finding[]): Problem[] {
  return findings
    .filter(({ severity }) => severity === 'error')
    .map(({ code, message, pointer, node, wire, fix }): Problem => ({
      key: `finding ${instance} ${code} ${pointer}`,
      severity: 'error',
      title: 'The graph cannot run as it is drawn',
      text: message,
      ...(node !== undefined
        ? { place: { type: 'node', instance, node } }
        : wire !== undefined && { place: { type: 'wire', instance, wire } }),
      ...(fix && { fix: { type: 'edit', instance, title: fix.title, commands: fix.commands } }),
    }))
}

function ofFigures(metrics: InstanceMetrics | undefined): Problem[] {
  if (!metrics) return []
  return [...ofNodes(metrics), ...ofWires(metrics), ...ofLinks(metrics)]
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

function ofWires({ instance, wires }: InstanceMetrics): Problem[] {
  return wires.flatMap(({ id, queued, capacity, dropped }): Problem[] => {
    const place: Selected = { type: 'wire', instance, wire: id }
    const full: Problem[] =
      fillLevel(fillShare(queued, capacity)) === 'full'
        ? [
            {
              key: `full ${instance} ${id}`,
              severity: 'warning',
              title: 'Queue is full, its sender waits',
              text: `${queued} of ${capacity} on ${id}`,
              place,
            },
          ]
        : []
    const lost: Problem[] =
      dropped > 0
        ? [
            {
              key: `dropped ${instance} ${id}`,
              severity: 'warning',
              title: `${formatCount(dropped)} messages dropped by the policy of a wire`,
              text: id,
              place,
            },
          ]
        : []
    return [...full, ...lost]
  })
}

function ofLinks({ instance, links }: InstanceMetrics): Problem[] {
  return links.flatMap(({ peer, state, reason, lost }): Problem[] => {
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
    return [...broken, ...losses]
  })
}
