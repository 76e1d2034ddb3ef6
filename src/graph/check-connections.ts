import {
  fromTagged,
  inferKind,
  kindFits,
  messageTags,
  readWireOptions,
  wireOptionNames,
  type GraphConnection,
  type MessageKind,
} from '../shared/index.ts'
import { checkKeys } from './check-keys.ts'
import type { Findings, Fix } from './finding.ts'
import { fixByRemoving, fixName } from './fixes.ts'
import type { GraphScope } from './graph-scope.ts'
import { isInitial, isRecord, kindOf, millraceOf } from './graph-parts.ts'
import type { JsonPath } from './json-text.ts'
import { didYouMean } from './suggest.ts'

/** What Millrace reads of a connection's own metadata. */
const connectionKeys = [...wireOptionNames, 'kind']

/** Checks wires and initial messages: nodes and ports exist, kinds fit, nothing is wired twice. */
export function checkConnections(scope: GraphScope, findings: Findings): void {
  const seen = new Set<string>()
  for (const [index, connection] of (scope.graph.connections ?? []).entries()) {
    const path = ['connections', index]
    checkKeys(millraceOf(connection.metadata), connectionKeys, [...path, 'metadata', 'millrace'], findings)
    if (isInitial(connection)) checkInitial(connection, path, scope, findings)
    else checkWire(connection, path, seen, scope, findings)
  }
  checkTaggedInitials(scope, findings)
}

function checkWire(
  { from, to, metadata }: GraphConnection,
  path: JsonPath,
  seen: Set<string>,
  scope: GraphScope,
  findings: Findings,
): void {
  const source = checkEnd(from.nodeId, from.portId, 'outports', [...path, 'from'], scope, findings)
  const target = checkEnd(to.nodeId, to.portId, 'inports', [...path, 'to'], scope, findings)
  const wire = `${from.nodeId}.${from.portId} -> ${to.nodeId}.${to.portId}`
  if (seen.has(wire))
    findings.error(
      'WIRE_DUPLICATE',
      path,
      `${wire} is wired twice; remove one`,
      fixByRemoving(path, 'remove this one', { automatic: true }),
    )
  seen.add(wire)
  if (source && target && !kindFits(source, target))
    findings.error('KIND_MISMATCH', path, `${wire}: messages of kind ${source} do not fit a port of kind ${target}`, {
      title: 'remove this wire',
      automatic: false,
      commands: [
        {
          type: 'disconnect',
          from: { node: from.nodeId, port: from.portId },
          to: { node: to.nodeId, port: to.portId },
        },
      ],
    })
  const { options, faults } = readWireOptions(millraceOf(metadata))
  const ends = [scope.nodes.get(from.nodeId), scope.nodes.get(to.nodeId)]
  if (options.delivery !== undefined && ends.every((node) => node && node.remote === undefined))
    findings.warning(
      'CONFIG_INVALID',
      [...path, 'metadata', 'millrace', 'delivery'],
      `${wire} crosses no link, so its delivery "${options.delivery}" does nothing; set "policy" for what happens when it is full`,
      fixByRemoving([...path, 'metadata', 'millrace', 'delivery'], 'remove it', { automatic: false }),
    )
  for (const { path: option, message } of faults)
    findings.error(
      'CONFIG_INVALID',
      [...path, 'metadata', 'millrace', ...option],
      `${wire}: ${option.join('.')}: ${message}`,
      fixByRemoving([...path, 'metadata', 'millrace', String(option[0])], 'leave it to its default', {
        automatic: false,
      }),
    )
}

/** Answers the kind of the port when it is known. */
function checkEnd(
  node: string,
  port: string,
  side: 'inports' | 'outports',
  path: JsonPath,
  scope: GraphScope,
  findings: Findings,
  { isInitial: isFirst = false, keys = ['nodeId', 'portId'] } = {},
): MessageKind | undefined {
  const [nodeKey = 'nodeId', portKey = 'portId'] = keys
  if (!scope.nodes.has(node)) {
    const place = [...path, nodeKey]
    const message = `there is no node "${node}"${didYouMean(node, scope.nodes.keys())}`
    const fix = fixName(place, node, scope.nodes.keys()) ?? removeConnection(path)
    if (isFirst) findings.error('INITIAL_DANGLING', place, `an initial message goes nowhere: ${message}`, fix)
    else findings.error('NODE_UNKNOWN', place, message, fix)
    return undefined
  }
  const ports = scope.ports(node, side)
  if (!ports) return undefined
  if (Object.hasOwn(ports, port)) return kindOf(ports[port]?.kind)
  const names = Object.keys(ports)
  const advice = didYouMean(port, names) || (names.length > 0 ? `; it has ${names.join(', ')}` : '; it has none')
  const place = [...path, portKey]
  const message = `node "${node}" has no ${side.slice(0, -1)} "${port}"${advice}`
  const fix = fixName(place, port, names)
  if (isFirst) findings.error('INITIAL_DANGLING', place, `an initial message goes nowhere: ${message}`, fix)
  else findings.error('PORT_UNKNOWN', place, message, fix ?? removeConnection(path))
  return undefined
}

/** Takes an initial message away, wherever it stands. */
function removeMessage(path: JsonPath): Fix {
  const place = path[0] === 'connections' ? path.slice(0, 2) : path.slice(0, 4)
  return fixByRemoving(place, 'remove this initial message', { automatic: false })
}

function removeConnection([section, index]: JsonPath): Fix | undefined {
  return section === 'connections' && index !== undefined
    ? fixByRemoving([section, index], 'remove it', { automatic: false })
    : undefined
}

function checkInitial(connection: GraphConnection, path: JsonPath, scope: GraphScope, findings: Findings): void {
  const { from, to, data, metadata } = connection
  if (from.nodeId !== '')
    findings.error(
      'FILE_INVALID',
      path,
      `this has data and also comes from "${from.nodeId}"; it is either a wire or an initial message`,
      fixByRemoving([...path, 'data'], 'make it a wire', { automatic: false }),
    )
  const target = checkEnd(to.nodeId, to.portId, 'inports', [...path, 'to'], scope, findings, { isInitial: true })
  const explicit = millraceOf(metadata)['kind']
  const kind = kindOf(explicit)
  if (explicit !== undefined && kind === undefined) {
    findings.error(
      'MESSAGE_INVALID',
      [...path, 'metadata', 'millrace', 'kind'],
      `there is no message kind ${JSON.stringify(explicit)}`,
      fixByRemoving([...path, 'metadata', 'millrace', 'kind'], 'let the kind be inferred', { automatic: false }),
    )
  } else if (kind === undefined && data === undefined) {
    findings.error(
      'MESSAGE_INVALID',
      path,
      'a connection comes from a node, or carries data as an initial message',
      removeMessage(path),
    )
  } else if (kind) checkMessage({ type: messageTags[kind], data }, kind, target, path, findings)
  else checkKind(inferKind(data), target, path, findings)
}

function checkTaggedInitials(scope: GraphScope, findings: Findings): void {
  const listed = millraceOf(scope.graph.properties)['initials']
  const path = ['properties', 'millrace', 'initials']
  if (listed === undefined) return
  if (!Array.isArray(listed))
    return findings.error('MESSAGE_INVALID', path, 'expected a list of {"node", "port", "message"}')
  for (const [index, entry] of listed.entries()) {
    const place = [...path, index]
    if (!isRecord(entry) || typeof entry['node'] !== 'string' || typeof entry['port'] !== 'string') {
      findings.error('MESSAGE_INVALID', place, 'expected {"node", "port", "message"}', removeMessage(place))
      continue
    }
    const target = checkEnd(entry['node'], entry['port'], 'inports', place, scope, findings, {
      isInitial: true,
      keys: ['node', 'port'],
    })
    const tag = isRecord(entry['message']) ? entry['message']['type'] : undefined
    const kind = kindOf(Object.entries(messageTags).find(([, known]) => known === tag)?.[0])
    checkMessage(entry['message'], kind, target, [...place, 'message'], findings)
  }
}

function checkMessage(
  tagged: unknown,
  kind: MessageKind | undefined,
  target: MessageKind | undefined,
  path: JsonPath,
  findings: Findings,
): void {
  try {
    fromTagged(tagged)
    if (kind) checkKind(kind, target, path, findings)
  } catch (error) {
    findings.error('MESSAGE_INVALID', path, error instanceof Error ? error.message : String(error), removeMessage(path))
  }
}

function checkKind(kind: MessageKind, target: MessageKind | undefined, path: JsonPath, findings: Findings): void {
  if (target && !kindFits(kind, target))
    findings.error(
      'KIND_MISMATCH',
      path,
      `an initial message of kind ${kind} does not fit a port of kind ${target}`,
      removeMessage(path),
    )
}
