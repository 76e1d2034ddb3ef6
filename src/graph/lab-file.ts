import * as v from 'valibot'
import type { GraphExport } from '../shared/index.ts'
import { readFile, refusal, valueOrThrow, type FileReading } from './file-reading.ts'
import { readJson } from './json-text.ts'
import { migrateLab } from './migrate-lab.ts'

/** The version of the lab file that this Millrace writes, and the newest it reads. */
export const labVersion = 1

const name = v.pipe(
  v.string(),
  v.regex(/^[^\s/@\p{Cc}\p{Cf}]{1,100}$/u, 'expected a name of 1 to 100 characters without blanks, "/" and "@"'),
)
const endpoint = v.pipe(
  v.string(),
  v.check(
    (text) => parseEndpoint(text) !== undefined || networkOfEndpoint(text) !== undefined,
    'expected "host:port" with a port from 1 to 65535, or "network:ID" for a network that is discovered',
  ),
)
const count = (what: string) =>
  v.pipe(
    v.number(),
    v.check((value) => Number.isSafeInteger(value) && value > 0, `expected ${what}, a whole number above 0`),
  )

const path = v.pipe(
  v.string(),
  v.check((text) => text !== '', 'expected the path of a file'),
)
/** Whom to trust over TLS: the holder of one certificate, or of one signed by these authorities. */
const trust = {
  fingerprint: v.exactOptional(
    v.pipe(
      v.string(),
      v.check(
        (text) => /^[0-9a-f]{64}$/i.test(text.replaceAll(/^sha-?256[:=]|[:\s]/gi, '')),
        'expected the SHA-256 fingerprint of a certificate, 64 hexadecimal digits',
      ),
    ),
  ),
  ca: v.exactOptional(path),
}
const peerSchema = v.looseObject({
  endpoint,
  token: v.exactOptional(v.string()),
  /** What the peer will accept next, while tokens are being changed. */
  nextToken: v.exactOptional(v.string()),
  ...trust,
  dialect: v.exactOptional(v.picklist(['reflow'])),
})
const discoverySchema = v.looseObject({
  /** `http://host:port`, `https://host:port` or `host:port` of an instance that has `registry` on. */
  endpoint: v.pipe(
    v.string(),
    v.check((text) => parseRegistry(text) !== undefined, 'expected "http://host:port" or "https://host:port"'),
  ),
  token: v.exactOptional(v.string()),
  ...trust,
})

const instanceSchema = v.looseObject({
  networkId: name,
  instanceId: name,
  graph: v.pipe(
    v.string(),
    v.check((text) => text !== '', 'expected the path of a graph file'),
  ),
  bindAddress: v.exactOptional(v.string()),
  bindPort: v.exactOptional(
    v.pipe(
      v.number(),
      v.check((port) => Number.isInteger(port) && port >= 0 && port <= 65_535, 'expected a port from 0 to 65535'),
    ),
  ),
  authToken: v.exactOptional(v.string()),
  acceptTokens: v.exactOptional(v.array(v.string())),
  maxConnections: v.exactOptional(count('a number of connections')),
  heartbeatIntervalMs: v.exactOptional(count('milliseconds')),
  discoveryEndpoints: v.exactOptional(v.array(v.union([discoverySchema.entries.endpoint, discoverySchema]))),
  /** Looks for instances in the local network by multicast, and is found. */
  mdns: v.exactOptional(v.boolean()),
  /** What others may look for in a registry. */
  capabilities: v.exactOptional(v.array(v.string())),
  tags: v.exactOptional(v.array(v.string())),
  exports: v.exactOptional(v.array(v.string())),
  isolation: v.exactOptional(v.picklist(['thread', 'process', 'inline'])),
  peers: v.exactOptional(v.array(peerSchema)),
  dialects: v.exactOptional(v.array(v.picklist(['reflow']))),
  registry: v.exactOptional(v.boolean()),
  /** Waives TLS for an address that other machines can reach. */
  allowInsecure: v.exactOptional(v.boolean()),
  /** PEM files, relative to the lab file. */
  tls: v.exactOptional(v.looseObject({ cert: path, key: path })),
})

/** What a lab file has to be; fields that it does not name are kept. */
export const labFileSchema = v.looseObject({
  millrace: v.literal(labVersion),
  name: v.exactOptional(v.string()),
  /** A folder of own actors, relative to the file. */
  actors: v.exactOptional(v.string()),
  instances: v.array(instanceSchema),
})

/** Every key that means something in a lab file, in its instances and in their peers. */
export const labKeys: Readonly<Record<'lab' | 'instance' | 'peer' | 'discovery', readonly string[]>> = {
  lab: [...Object.keys(labFileSchema.entries), 'window', '$schema'],
  instance: Object.keys(instanceSchema.entries),
  peer: Object.keys(peerSchema.entries),
  discovery: Object.keys(discoverySchema.entries),
}

/** A peer that an instance dials; the token is a reference, never the token itself. */
export type LabPeer = v.InferInput<typeof peerSchema>
/** Where an instance registers itself and finds others. */
export type LabDiscovery = v.InferInput<typeof discoverySchema>
/** One instance of a lab file. What is left out has design's defaults, which are not filled in here. */
export type LabInstance = v.InferInput<typeof instanceSchema>
/** A lab file, `*.lab.json`: instances, their graphs and peers. */
export type LabFile = v.InferInput<typeof labFileSchema>

/** Reads a lab file and says everything that is wrong with it. */
export function readLab(text: string): FileReading<LabFile> {
  const json = readJson(text)
  const version = json.type === 'read' ? versionOf(json.value) : undefined
  if (version !== undefined && version > labVersion) {
    const message = `this file is of version ${version}, this Millrace reads up to ${labVersion}; update Millrace`
    return refusal('FILE_VERSION', message, text, ['millrace'])
  }
  if (json.type !== 'read') return readFile(text, labFileSchema)
  const migrated = migrateLab(json.value, labVersion)
  if (migrated === undefined) {
    const message = `this file is of version ${String(version)}, which this Millrace cannot read; it reads version ${labVersion}`
    return refusal('FILE_VERSION', message, text, ['millrace'])
  }
  return readFile(migrated === json.value ? text : JSON.stringify(migrated), labFileSchema)
}

/**
 * Reads a lab file; `file` is named in errors. Unknown fields survive, defaults are not filled in.
 * @throws MillraceError `FILE_INVALID` (`file:line:column: what was expected`), `FILE_VERSION` for a newer file.
 */
export function parseLab(text: string, file: string): LabFile {
  return valueOrThrow(readLab(text), file)
}

/** Makes a lab of one instance out of a lone graph file, so that it can be opened: any free port, no peers, nothing exported. */
export function labOfGraph(graphFile: string, graph: GraphExport): LabFile {
  const given = graph.properties['name']
  const networkId = (typeof given === 'string' ? given : '').replaceAll(/[\s/@\p{Cc}]+/gu, '_').slice(0, 100) || 'graph'
  return {
    millrace: labVersion,
    name: typeof given === 'string' ? given : networkId,
    instances: [{ networkId, instanceId: `${networkId}_001`.slice(0, 100), bindPort: 0, graph: graphFile }],
  }
}

/** Says what a file is: by its content, or by its name while the content cannot be read. */
export function fileKind(text: string, file: string): 'lab' | 'graph' {
  const json = readJson(text)
  const value = json.type === 'read' ? json.value : undefined
  if (typeof value === 'object' && value !== null) {
    if ('instances' in value || 'millrace' in value) return 'lab'
    if ('caseSensitive' in value || 'processes' in value) return 'graph'
  }
  return file.endsWith('.lab.json') ? 'lab' : 'graph'
}

/** Takes `host:port` apart (`[::1]:9001` for IPv6), or answers `undefined`. */
export function parseEndpoint(text: string): { host: string; port: number } | undefined {
  const match = /^(?:wss?:\/\/)?(\[[0-9a-fA-F:.]+\]|[^\s/:@]+):(\d{1,5})\/?$/.exec(text)
  const port = Number(match?.[2])
  const host = match?.[1]?.replaceAll(/^\[|\]$/g, '')
  return host === undefined || port < 1 || port > 65_535 ? undefined : { host, port }
}

/** The network that `network:<networkId>` stands for: all of its instances that discovery finds. */
export function networkOfEndpoint(text: string): string | undefined {
  return /^network:([^\s/@:]{1,100})$/.exec(text)?.[1]
}

/** Takes the address of a registry apart, or answers `undefined`. */
export function parseRegistry(text: string): { host: string; port: number; secure: boolean } | undefined {
  const match = /^(?:http(s?):\/\/)?([^/]+?)\/?$/.exec(text)
  const address = match?.[2] === undefined ? undefined : parseEndpoint(match[2])
  return address && { ...address, secure: match?.[1] === 's' }
}

/** The places of discovery of an instance, in their long form. */
export function discoveryOf({ discoveryEndpoints = [] }: Pick<LabInstance, 'discoveryEndpoints'>): LabDiscovery[] {
  return discoveryEndpoints.map((place) => (typeof place === 'string' ? { endpoint: place } : place))
}

function versionOf(value: unknown): number | undefined {
  const version = typeof value === 'object' && value !== null && 'millrace' in value ? value.millrace : undefined
  return typeof version === 'number' ? version : undefined
}
