import { nodeOptionNames, readNodeOptions, type ActorDescription, type GraphExport } from '../shared/index.ts'
import { checkConnections } from './check-connections.ts'
import { isGraphComponent } from './compose/subgraph.ts'
import { checkKeptStates } from './check-kept-states.ts'
import { checkKeys } from './check-keys.ts'
import { checkFlow } from './check-flow.ts'
import { fixByRemoving, fixKey, fixName, fixValue } from './fixes.ts'
import { checkRemote } from './check-remote.ts'
import { checkConfig } from './config-schema.ts'
import { Findings, type Finding, type Subject } from './finding.ts'
import { exportedNodes, GraphScope, type GraphContext } from './graph-scope.ts'
import { configOf, isInitial, isRecord, millraceOf, wireId, wiresOf, type GraphNode } from './graph-parts.ts'
import { readJson, type JsonPath } from './json-text.ts'
import { didYouMean } from './suggest.ts'

/** What may stand in a node's own part of its metadata: how it runs, where it stands, what it stands for, how a remote node spreads. */
const nodeKeys = [...nodeOptionNames, 'pinned', 'placeholder', 'spread']

/**
 * Checks a graph against the catalogue of actors: nodes, configs, wires and initial messages; with a context, also what it
 * expects of its peers and its environment. Pass the file's text to get lines and columns.
 */
export function checkGraph(
  graph: GraphExport,
  text: string | undefined,
  catalogue: readonly ActorDescription[],
  context?: GraphContext,
): Finding[] {
  const reading = text === undefined ? undefined : readJson(text)
  const locate = reading?.type === 'read' ? reading.locate : undefined
  const findings = new Findings(locate, (path) => subjectIn(graph, path))
  const scope = new GraphScope(graph, catalogue, context)
  for (const node of scope.nodes.values()) checkNode(node, scope, findings)
  checkKeptStates(scope.nodes.values(), findings)
  checkConnections(scope, findings)
  checkOuterNames(scope, findings)
  checkOrphans(scope, findings)
  checkFlow(scope, findings)
  for (const path of reading?.type === 'read' ? reading.inexact : [])
    findings.warning('FILE_INVALID', path, 'this whole number has more digits than can be kept; write it as a text')
  return findings.list
}

/** Says which node or wire a part of a graph file belongs to. */
function subjectIn(graph: GraphExport, [section, key]: JsonPath): Subject {
  if (section === 'processes' && typeof key === 'string') return { node: key }
  const connection = section === 'connections' && typeof key === 'number' ? graph.connections?.[key] : undefined
  if (!connection) return {}
  const { from, to } = connection
  if (isInitial(connection)) return { node: to.nodeId }
  return { wire: wireId({ node: from.nodeId, port: from.portId }, { node: to.nodeId, port: to.portId }) }
}

function checkNode(node: GraphNode, scope: GraphScope, findings: Findings): void {
  const path = ['processes', node.id]
  const written = scope.graph.processes?.[node.id]?.id
  if (written !== node.id)
    findings.warning(
      'FILE_INVALID',
      [...path, 'id'],
      `the node's key "${node.id}" counts, not its id "${written}"; make them the same`,
      fixValue([...path, 'id'], node.id, `write "${node.id}"`),
    )
  checkEnvironment(node, scope, findings)
  checkNodeOptions(node, findings)
  if (node.remote) return checkRemote(node.remote, node.id, scope, findings)
  const actor = scope.actor(node.component)
  const placeholder = millraceOf(node.metadata)['placeholder']
  if (!actor && isRecord(placeholder))
    return findings.error(
      'NODE_PLACEHOLDER',
      [...path, 'component'],
      `node "${node.id}" only stands for "${String(placeholder['type'])}" of ${String(placeholder['from'])}; choose an actor for it`,
    )
  if (!actor && isGraphComponent(node.component))
    return findings.error(
      'FILE_NOT_FOUND',
      [...path, 'component'],
      `node "${node.id}" is the graph "${node.component}", which cannot be read; its path is relative to this file`,
    )
  if (!actor) {
    const names = [...scope.actorNames()].sort()
    const suggestion = didYouMean(node.component, names) || `; there are ${names.join(', ')}`
    const place = [...path, 'component']
    const fix = fixName(place, node.component, names)
    findings.error('ACTOR_UNKNOWN', place, `no actor is called "${node.component}"${suggestion}`, fix)
    return
  }
  const fields = isRecord(actor.config['properties']) ? Object.keys(actor.config['properties']) : []
  const required: unknown[] = Array.isArray(actor.config['required']) ? actor.config['required'] : []
  for (const { severity, path: part, message } of checkConfig(configOf(node.metadata), actor.config)) {
    const place = [...path, 'metadata', ...part]
    const [field] = part
    const isUnknown = severity === 'warning' && typeof field === 'string'
    const isGiven = typeof field === 'string' && Object.hasOwn(node.metadata, field)
    const byDefault =
      isGiven && !required.includes(field)
        ? fixByRemoving([...path, 'metadata', field], `leave ${field} to its default`, { automatic: false })
        : undefined
    findings[severity](
      'CONFIG_INVALID',
      place,
      `node "${node.id}"${part.length > 0 ? `, ${part.join('.')}` : ''}: ${message}`,
      isUnknown ? fixKey(place, node.metadata[field], fields, node.metadata) : byDefault,
    )
  }
}

function checkNodeOptions({ id, metadata }: GraphNode, findings: Findings): void {
  const path = ['processes', id, 'metadata', 'millrace']
  const given = millraceOf(metadata)
  checkKeys(given, nodeKeys, path, findings)
  for (const { path: option, message } of readNodeOptions(given).faults)
    findings.error('CONFIG_INVALID', [...path, ...option], `node "${id}": ${option.join('.')}: ${message}`)
}

function checkEnvironment({ id, metadata }: GraphNode, { context }: GraphScope, findings: Findings): void {
  const variables = metadata['env_vars']
  if (variables === undefined) return
  const path = ['processes', id, 'metadata', 'env_vars']
  if (!isRecord(variables))
    return findings.error('CONFIG_INVALID', path, `node "${id}": env_vars is an object {"NAME": "required"}`)
  for (const [name, rule] of Object.entries(variables)) {
    if (rule === 'required') {
      if (context?.env && context.env[name] === undefined)
        findings.warning(
          'ENV_MISSING',
          [...path, name],
          `node "${id}" needs the environment variable ${name}, which is not set now`,
        )
    } else if (typeof rule !== 'string' || !/^optional(:|$)/.test(rule))
      findings.error(
        'CONFIG_INVALID',
        [...path, name],
        `node "${id}", ${name}: expected "required", "optional" or "optional:default"`,
        fixValue([...path, name], 'required', 'write "required"', { automatic: false }),
      )
  }
}

function checkOuterNames({ graph, nodes }: GraphScope, findings: Findings): void {
  for (const side of ['inports', 'outports'] as const) {
    for (const [key, { nodeId }] of Object.entries(graph[side] ?? {}))
      if (!nodes.has(nodeId))
        findings.error(
          'NODE_UNKNOWN',
          [side, key, 'nodeId'],
          `there is no node "${nodeId}"${didYouMean(nodeId, nodes.keys())}`,
          fixName([side, key, 'nodeId'], nodeId, nodes.keys()) ?? {
            title: `remove the ${side.slice(0, -1)} "${key}"`,
            automatic: false,
            commands: [{ type: 'removeOuterPort', side, name: key }],
          },
        )
  }
  const groupIds = new Set<string>()
  for (const [index, group] of (graph.groups ?? []).entries()) {
    if (groupIds.has(group.id))
      findings.error(
        'GROUP_DUPLICATE',
        ['groups', index, 'id'],
        `two groups have the id "${group.id}"; rename one`,
        fixValue(['groups', index, 'id'], freeId(group.id, graph), 'give this one another id', { automatic: false }),
      )
    groupIds.add(group.id)
    for (const [at, id] of group.nodes.entries())
      if (!nodes.has(id))
        findings.warning(
          'NODE_UNKNOWN',
          ['groups', index, 'nodes', at],
          `group "${group.id}": there is no node "${id}"${didYouMean(id, nodes.keys())}`,
          fixName(['groups', index, 'nodes', at], id, nodes.keys()) ??
            fixByRemoving(['groups', index, 'nodes', at], 'take it out of the group', { automatic: true }),
        )
  }
}

function freeId(wanted: string, { groups = [] }: GraphExport): string {
  for (let number = 2; ; number++) {
    const id = `${wanted}_${number}`
    if (!groups.some((group) => group.id === id)) return id
  }
}

function checkOrphans(scope: GraphScope, findings: Findings): void {
  const { graph, nodes, context } = scope
  const used = new Set([
    ...wiresOf(graph).flatMap(({ from, to }) => [from.node, to.node]),
    ...scope.initials().map(({ to }) => to.node),
    ...Object.values({ ...graph.inports, ...graph.outports }).map(({ nodeId }) => nodeId),
    ...exportedNodes(context),
  ])
  for (const { id, component } of nodes.values()) {
    const actor = scope.actor(component)
    const portless = actor && Object.keys({ ...actor.inports, ...actor.outports }).length === 0
    if (!used.has(id) && !portless)
      findings.warning('NODE_ORPHAN', ['processes', id], `node "${id}" is wired to nothing and is not exported`, {
        title: `remove "${id}"`,
        automatic: false,
        commands: [{ type: 'removeNode', id }],
      })
  }
}
