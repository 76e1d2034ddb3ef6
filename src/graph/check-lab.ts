import type { ActorDescription, GraphExport } from '../shared/index.ts'
import { configPorts } from './config-schema.ts'
import { checkLabKeys } from './check-keys.ts'
import { Findings, type Finding } from './finding.ts'
import { configOf, nodesOf } from './graph-parts.ts'
import { locateIn, type JsonPath } from './json-text.ts'
import { discoveryOf, networkOfEndpoint, parseEndpoint, type LabFile, type LabInstance } from './lab-file.ts'
import { bareToken, parseReference, type Environment } from './reference.ts'
import { didYouMean } from './suggest.ts'

/** Graphs by the path that the lab file gives them. */
export type Graphs = Readonly<Record<string, GraphExport>>

/**
 * Checks a lab file by itself and against its graphs (those at hand): keys, names, ports, tokens, exports. What is inside the graphs
 * is `checkGraph`'s. With `env`, tokens whose variable is not set are warned of.
 */
export function checkLab(
  lab: LabFile,
  text: string | undefined,
  graphs: Graphs,
  catalogue: readonly ActorDescription[],
  env?: Environment,
): Finding[] {
  const findings = new Findings(locateIn(text))
  if (lab.instances.length === 0) findings.warning('FILE_INVALID', ['instances'], 'the lab has no instances')
  checkLabKeys(lab, findings)
  checkNames(lab, findings)
  checkPorts(lab, graphs, catalogue, findings)
  for (const [index, instance] of lab.instances.entries()) {
    const path = ['instances', index]
    checkTokens(instance, path, findings, env)
    checkAddress(instance, path, findings)
    checkExports(instance, path, graphs[instance.graph], findings)
  }
  return findings.list
}

/** How commands and logs name an instance: `networkId/instanceId`. */
export function instanceName({ networkId, instanceId }: Pick<LabInstance, 'networkId' | 'instanceId'>): string {
  return `${networkId}/${instanceId}`
}

/** Whether an address can be reached only from this machine. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host)
}

/** Whether the first instance dials the second, as far as their addresses in the file can tell. */
export function dials(from: LabInstance, to: LabInstance): boolean {
  return (from.peers ?? []).some((peer) => {
    if (networkOfEndpoint(peer.endpoint) === to.networkId) return from !== to
    const endpoint = parseEndpoint(peer.endpoint)
    if (!endpoint || endpoint.port !== to.bindPort) return false
    const bound = to.bindAddress ?? '127.0.0.1'
    return endpoint.host === bound || isAny(bound) || (isLoopback(endpoint.host) && isLoopback(bound))
  })
}

function checkNames(lab: LabFile, findings: Findings): void {
  const seen = new Set<string>()
  for (const [index, instance] of lab.instances.entries()) {
    const name = instanceName(instance)
    if (seen.has(name))
      findings.error(
        'INSTANCE_DUPLICATE',
        ['instances', index, 'instanceId'],
        `two instances are called "${name}"; rename one`,
      )
    seen.add(name)
  }
}

interface UsedPort {
  port: number
  host: string
  user: string
  path: JsonPath
  /** Nodes of one instance may have one port for different things. */
  share?: string | undefined
  instance: string
}

function checkPorts(lab: LabFile, graphs: Graphs, catalogue: readonly ActorDescription[], findings: Findings): void {
  const used: UsedPort[] = []
  for (const next of lab.instances.flatMap((instance, index) => portsOf(instance, index, graphs, catalogue))) {
    const other = used.find(
      (one) =>
        one.port === next.port &&
        (one.host === next.host || isAny(one.host) || isAny(next.host)) &&
        !(
          one.instance === next.instance &&
          one.share !== undefined &&
          next.share !== undefined &&
          one.share !== next.share
        ),
    )
    if (other)
      findings.error(
        'PORT_DUPLICATE',
        next.path,
        `port ${next.port} is for both ${other.user} and ${next.user}; change one`,
      )
    used.push(next)
  }
}

function portsOf(
  instance: LabInstance,
  index: number,
  graphs: Graphs,
  catalogue: readonly ActorDescription[],
): UsedPort[] {
  const name = instanceName(instance)
  const own = {
    port: instance.bindPort ?? 0,
    host: instance.bindAddress ?? '127.0.0.1',
    user: `instance "${name}"`,
    path: ['instances', index, 'bindPort'],
    instance: name,
  }
  const graph = graphs[instance.graph]
  const inGraph = (graph ? nodesOf(graph) : []).flatMap((node) => {
    const schema = catalogue.find((actor) => actor.name === node.component)?.config
    const ports = schema ? configPorts(configOf(node.metadata), schema) : []
    return ports.map(({ port, share }) => ({
      port,
      share,
      instance: name,
      host: '127.0.0.1',
      user: `node "${node.id}" of "${name}"`,
      path: ['instances', index, 'graph'],
    }))
  })
  return [own, ...inGraph].filter(({ port }) => port > 0)
}

function checkTokens(instance: LabInstance, path: JsonPath, findings: Findings, env: Environment | undefined): void {
  const tokens: [string | undefined, JsonPath][] = [
    [instance.authToken, [...path, 'authToken']],
    ...(instance.acceptTokens ?? []).map((token, index): [string, JsonPath] => [
      token,
      [...path, 'acceptTokens', index],
    ]),
    ...(instance.peers ?? []).map((peer, index): [string | undefined, JsonPath] => [
      peer.token,
      [...path, 'peers', index, 'token'],
    ]),
  ]
  for (const [index, peer] of (instance.peers ?? []).entries())
    tokens.push([peer.nextToken, [...path, 'peers', index, 'nextToken']])
  for (const [index, place] of discoveryOf(instance).entries())
    tokens.push([place.token, [...path, 'discoveryEndpoints', index, 'token']])
  for (const [token, place] of tokens) if (token !== undefined) checkToken(token, place, findings, env)
}

function checkToken(token: string, path: JsonPath, findings: Findings, env: Environment | undefined): void {
  const reference = parseReference(token)
  if (!reference) findings.error('TOKEN_BARE', path, bareToken)
  else if (reference.type === 'safe')
    findings.warning(
      'TOKEN_IN_SAFE_STORE',
      path,
      `only the desktop can read the token "${reference.key}"; the command line needs \${env:NAME}`,
    )
  else if (reference.fallback)
    findings.warning(
      'TOKEN_FALLBACK',
      path,
      `whoever reads the file knows the token unless ${reference.name} is set; fine for an example`,
    )
  else if (env && !env[reference.name])
    findings.warning(
      'TOKEN_MISSING',
      path,
      `the environment variable ${reference.name} is not set now; set it before a start`,
    )
}

function checkAddress(instance: LabInstance, path: JsonPath, findings: Findings): void {
  checkBind(instance, [...path, 'bindAddress'], findings)
  checkDialects(instance, path, findings)
  checkDiscovery(instance, path, findings)
  if (dials(instance, instance))
    findings.error(
      'PEER_UNKNOWN',
      [...path, 'peers'],
      `instance "${instanceName(instance)}" dials itself; give the peer's address`,
    )
}

/** A network that is to be discovered needs somewhere to be found. */
function checkDiscovery(instance: LabInstance, path: JsonPath, findings: Findings): void {
  const { peers = [], mdns, discoveryEndpoints = [], bindAddress = '127.0.0.1' } = instance
  for (const [index, { endpoint }] of peers.entries())
    if (networkOfEndpoint(endpoint) !== undefined && mdns !== true && discoveryEndpoints.length === 0)
      findings.error(
        'PEER_UNKNOWN',
        [...path, 'peers', index, 'endpoint'],
        `"${endpoint}" is looked for nowhere: name a registry in "discoveryEndpoints", or set "mdns": true`,
      )
  if (mdns === true && isLoopback(bindAddress))
    findings.warning(
      'PEER_UNREACHABLE',
      [...path, 'mdns'],
      'others find this instance and cannot reach it: it listens on this machine only; set "bindAddress"',
    )
}

/** Whoever opens the file should know what it lets in. */
function checkDialects({ dialects, peers }: LabInstance, path: JsonPath, findings: Findings): void {
  if (dialects?.length)
    findings.warning(
      'LINK_INSECURE',
      [...path, 'dialects'],
      "Reflow's dialect has no authentication: whoever reaches the port can send to every exported node",
    )
  for (const [index, { dialect, fingerprint, ca, endpoint }] of (peers ?? []).entries())
    if (dialect !== undefined && (fingerprint ?? ca ?? (endpoint.startsWith('wss:') || undefined)) !== undefined)
      findings.error(
        'FILE_INVALID',
        [...path, 'peers', index],
        'a peer of the Reflow dialect speaks no TLS: remove "fingerprint", "ca" and "wss://"',
      )
}

/** What the instance would say at its start. */
function checkBind(instance: LabInstance, path: JsonPath, findings: Findings): void {
  const { bindAddress, authToken, allowInsecure, tls, dialects } = instance
  if (bindAddress === undefined || isLoopback(bindAddress)) return
  const reached = `"${bindAddress}" can be reached by other machines, and`
  if (authToken === undefined)
    findings.error('BIND_REFUSED', path, `${reached} there is no token: set "authToken", or bind 127.0.0.1`)
  if (dialects?.length && allowInsecure !== true)
    findings.error(
      'BIND_REFUSED',
      path,
      `${reached} Reflow's dialect knows no authentication: set "allowInsecure": true to accept that, or bind 127.0.0.1`,
    )
  else if (allowInsecure !== true && tls === undefined)
    findings.error(
      'BIND_REFUSED',
      path,
      `${reached} links are not encrypted: give it "tls", or set "allowInsecure": true to accept that, or bind 127.0.0.1`,
    )
}

function checkExports(instance: LabInstance, path: JsonPath, graph: GraphExport | undefined, findings: Findings): void {
  if (!graph) return
  const nodes = nodesOf(graph)
  for (const [index, name] of (instance.exports ?? []).entries()) {
    const node = nodes.find(({ id }) => id === name)
    const place = [...path, 'exports', index]
    if (!node)
      findings.error(
        'NODE_UNKNOWN',
        place,
        `"${instance.graph}" has no node "${name}"${didYouMean(
          name,
          nodes.map(({ id }) => id),
        )}`,
      )
    else if (node.remote)
      findings.error('NOT_EXPORTED', place, `"${name}" stands for a node of a peer; only own nodes are exported`)
  }
}

function isAny(host: string): boolean {
  return host === '0.0.0.0' || host === '::'
}
