import { realpathSync } from 'node:fs'
import path from 'node:path'
import {
  configOf,
  discoveryOf,
  fileKind,
  instanceName,
  isLoopback,
  labOfGraph,
  millraceOf,
  nodesOf,
  parseEndpoint,
  parseGraph,
  parseLab,
  parseReference,
  resolveReference,
  type Environment,
  type LabDiscovery,
  type LabFile,
  type LabInstance,
  type LabPeer,
} from '../graph/index.ts'
import {
  isMillraceError,
  MillraceError,
  readNodeOptions,
  type ActorDescription,
  type GraphExport,
} from '../shared/index.ts'
import { abilitiesOf, rewriteFields } from './config-fields.ts'
import { openInnerGraphs } from './graph-files.ts'
import { tlsTrustOf, type InstanceSpec, type PeerSpec } from './instance-spec.ts'
import { OpenGraphs, realPath, type Composition, type OpenGraph } from './open-graphs.ts'
import { modulesIn } from './own-actors/bundle.ts'
import type { BundledActors } from './own-actors/module.ts'
import { moveEndpoint, movePortsTo, type MovePort } from './port-base.ts'
import { readTextFile, shownPath } from './text-file.ts'
import { isWithin } from './trust.ts'

/** Where the graph that a lab file names lies: relative to the lab's real folder. */
export function graphFileOf(labFile: string, { graph }: LabInstance): string {
  return path.resolve(path.dirname(realpathSync(labFile)), graph)
}

/** Where the graph really is, links followed; what is not there is told when it is read. */
function realGraphFile(labFile: string, entry: LabInstance): string {
  return realPath(graphFileOf(labFile, entry))
}

function descriptionsByName(actors: readonly ActorDescription[]): ReadonlyMap<string, ActorDescription> {
  return new Map(actors.map((actor) => [actor.name, actor]))
}

/** The folder of own actors that a lab file names, whether or not it is there. */
export function realFolder(labFile: string, folder: string): string {
  return realPath(path.resolve(path.dirname(realpathSync(labFile)), folder))
}

/** An instance as its lab and graph files give it. */
export interface SourceInstance {
  name: string
  entry: LabInstance
  /** As it is shown now, unsaved edits included; ports moved, paths absolute. */
  readonly graph: GraphExport
  /** Moved by `--port-base`; 0 is any free port. */
  bindPort: number
}

/** A lab or a lone graph, read from disk: what would run, and what that would be allowed to do. */
export class LabSource {
  readonly file: string
  readonly name: string
  /** Where relative paths of the lab begin. */
  readonly folder: string
  readonly instances: readonly SourceInstance[]
  /** The real folders of the lab and of its graphs: all of them have to be trusted. */
  readonly folders: readonly string[]
  /** The graph files of the instances and those inside them, each once. */
  readonly graphs: OpenGraphs
  #shown = new WeakMap<Composition, GraphExport>()
  /** Where the lab's own actors lie, if it has any; links followed. */
  readonly actorsFolder: string | undefined
  #catalogue: ReadonlyMap<string, ActorDescription>
  readonly #move: MovePort
  readonly #env: Environment
  readonly #labPorts: ReadonlySet<number>

  constructor(
    file: string,
    options: {
      catalogue: readonly ActorDescription[]
      portBase?: number | undefined
      env: Environment
      /** Is told of faults that are nobody's to handle. */
      report?: (error: unknown) => void
    },
  ) {
    const text = readTextFile(file)
    const isLab = fileKind(text, file) === 'lab'
    const lab = isLab ? parseLab(text, file) : labOfGraph(path.basename(file), parseGraph(text, file))
    this.file = file
    this.folder = path.dirname(realpathSync(file))
    this.name = lab.name ?? path.basename(file).replace(/\.(lab|graph)\.json$/, '')
    this.#catalogue = descriptionsByName(options.catalogue)
    this.#move = movePortsTo(options.portBase)
    this.#env = options.env
    const graphFolders = new Set(lab.instances.map((entry) => path.dirname(realGraphFile(file, entry))))
    this.graphs = new OpenGraphs(this.folder, options.report ?? (() => {}))
    this.instances = lab.instances.map((entry) => {
      const { open, folders } = this.#open(entry)
      for (const folder of folders) graphFolders.add(folder)
      const instance = this.#instanceOf(entry, open)
      open.instances.push(instance.name)
      return instance
    })
    this.actorsFolder = lab.actors === undefined ? undefined : realFolder(file, lab.actors)
    const ownFolders = this.actorsFolder === undefined ? [] : [this.actorsFolder]
    this.folders = [...new Set([this.folder, ...graphFolders, ...ownFolders])]
    this.graphs.keepTo(this.folders)
    this.graphs.discover()
    this.#labPorts = new Set(lab.instances.flatMap(({ bindPort }) => (bindPort === undefined ? [] : [bindPort])))
    refuseWhatCannotRun(lab, file)
  }

  /** Whether two runs at once would get in each other's way: by a port that is not any free one, or by states that are kept. */
  get canRunOnceOnly(): boolean {
    return this.instances.some(
      ({ bindPort, graph }) =>
        bindPort !== 0 || nodesOf(graph).some(({ metadata }) => readNodeOptions(millraceOf(metadata)).options.persist),
    )
  }

  /** Takes notice of all actors there are now, once the lab's own have been loaded: their configs may have ports and paths. */
  knowActors(catalogue: readonly ActorDescription[]): void {
    this.#catalogue = descriptionsByName(catalogue)
    this.#shown = new WeakMap()
  }

  /** Makes what an instance needs to run. Throws when a token cannot be had. */
  specOf(
    { entry, graph, bindPort, name }: SourceInstance,
    { allowExec = false, ownActors }: { allowExec?: boolean; ownActors?: BundledActors | undefined } = {},
  ): InstanceSpec {
    const token = (reference: string | undefined) =>
      reference === undefined ? undefined : this.#token(reference, name)
    return {
      networkId: entry.networkId,
      instanceId: entry.instanceId,
      bindAddress: entry.bindAddress ?? '127.0.0.1',
      bindPort,
      authToken: token(entry.authToken),
      acceptTokens: (entry.acceptTokens ?? []).map((reference) => this.#token(reference, name)),
      maxConnections: entry.maxConnections ?? 256,
      heartbeatIntervalMs: entry.heartbeatIntervalMs ?? 2_000,
      allowInsecure: entry.allowInsecure ?? false,
      graph,
      graphFile: entry.graph,
      exports: entry.exports ?? [],
      discoveryEndpoints: discoveryOf(entry).map((place) => this.#discoveryEndpoint(place, token)),
      mdns: entry.mdns ?? false,
      registry: entry.registry ?? false,
      dialects: entry.dialects ?? [],
      capabilities: entry.capabilities ?? [],
      tags: entry.tags ?? [],
      peers: (entry.peers ?? []).map((peer) => this.#peer(peer, token)),
      ...(entry.tls && { tls: this.#tlsIdentity(entry.tls, name) }),
      env: this.environmentOf(graph),
      allowExec,
      ownActors,
    }
  }

  /** The variables that a graph's nodes name, as far as they are set. */
  environmentOf(graph: GraphExport): Record<string, string> {
    return Object.fromEntries(variablesOf(graph).flatMap((variable) => this.#variable(variable)))
  }

  /** What running it would do beyond computing, one line each, for a person to judge. */
  abilities(): string[] {
    const elsewhere = this.folders.filter((folder) => !isWithin(folder, this.folder))
    const files = elsewhere.map((folder) => `the lab takes graphs from ${folder}`)
    const works = this.instances.flatMap(({ name, entry, graph }) => {
      const far = (entry.peers ?? []).filter(({ endpoint }) => !isLoopback(parseEndpoint(endpoint)?.host ?? ''))
      return [
        ...(isLoopback(entry.bindAddress ?? '127.0.0.1')
          ? []
          : [
              `${name} listens on ${entry.bindAddress}, which other machines can reach${entry.allowInsecure === true && entry.tls === undefined ? ', without encryption' : ''}`,
            ]),
        ...far.map(({ endpoint }) => `${name} links to ${endpoint}`),
        ...nodesOf(graph).flatMap(({ id, component, metadata }) => {
          const schema = this.#catalogue.get(component)?.config ?? {}
          return abilitiesOf(configOf(metadata), schema).map((ability) => `node "${id}" of ${name} ${ability}`)
        }),
      ]
    })
    return [...this.#ownCode(), ...files, ...works]
  }

  #ownCode(): string[] {
    const folder = this.actorsFolder
    if (folder === undefined) return []
    let modules: string[] = []
    try {
      modules = modulesIn(folder)
    } catch (error) {
      // A start says what is wrong with the folder.
      if (!isMillraceError(error)) throw error
    }
    const names = modules.slice(0, 5).join(', ') + (modules.length > 5 ? ` and ${modules.length - 5} more` : '')
    const where = isWithin(folder, this.folder) ? path.relative(this.folder, folder) || '.' : folder
    return [`the lab runs code of its own with all your rights: ${where}${names === '' ? '' : ` (${names})`}`]
  }

  /** The environment variables that running it would read. */
  environment(): string[] {
    const tokens = this.instances.flatMap(({ entry }) => [
      entry.authToken,
      ...(entry.acceptTokens ?? []),
      ...(entry.peers ?? []).flatMap((peer) => [peer.token, peer.nextToken]),
      ...discoveryOf(entry).map((place) => place.token),
    ])
    const names = tokens.flatMap((text) => {
      const reference = text === undefined ? undefined : parseReference(text)
      return reference?.type === 'env' ? [reference.name] : []
    })
    return [...new Set([...names, ...this.instances.flatMap(({ graph }) => variablesOf(graph))])].sort()
  }

  /** Opens an instance's graph, each file once, and reads those inside it. */
  #open(entry: LabInstance): { open: OpenGraph; folders: string[] } {
    const file = graphFileOf(this.file, entry)
    const shown = `${shownPath(file)} (the graph of ${instanceName(entry)})`
    const open = this.graphs.open(entry.graph, file, shown)
    const { files: inner } = openInnerGraphs(open.file.document.graph, file)
    return { open, folders: inner.map((each) => path.dirname(each)) }
  }

  #instanceOf(entry: LabInstance, open: OpenGraph): SourceInstance {
    const shownGraph = () => this.shownGraph(open, this.graphs.compose(open))
    return {
      name: instanceName(entry),
      entry,
      get graph() {
        return shownGraph()
      },
      bindPort: this.#move(entry.bindPort ?? 0),
    }
  }

  /** A copy of an instance under the next name that is free, at any free port; everything else is the same. */
  copyOf({ entry }: SourceInstance, taken: ReadonlySet<string>): SourceInstance {
    const open = this.graphs.named(entry.graph)
    if (open === undefined) throw new MillraceError('GRAPH_UNKNOWN', `the lab has no graph "${entry.graph}"`)
    let { instanceId } = entry
    while (taken.has(instanceName({ ...entry, instanceId }))) instanceId = nextName(instanceId)
    return this.#instanceOf({ ...entry, instanceId, bindPort: 0 }, open)
  }

  /** The graph that runs when a composition is started: inner graphs laid open, ports moved, paths absolute. Throws what is wrong with inner graphs. */
  runnableGraph({ file }: OpenGraph, composition: Composition): GraphExport {
    const { graph, inner } = composition
    const runnable = this.#withRealFields(openInnerGraphs(graph, file.file, inner).graph)
    this.#shown.set(composition, runnable)
    return runnable
  }

  /** The same for showing it: remembered, and with inner graphs closed where they cannot be read. */
  shownGraph(open: OpenGraph, composition: Composition): GraphExport {
    const known = this.#shown.get(composition)
    if (known !== undefined) return known
    try {
      return this.runnableGraph(open, composition)
    } catch (error) {
      if (!isMillraceError(error)) throw error
      const closed = this.#withRealFields(composition.graph)
      this.#shown.set(composition, closed)
      return closed
    }
  }

  /** Moves ports and makes paths absolute in the configs of a graph; paths are relative to the lab's folder. */
  #withRealFields(graph: GraphExport): GraphExport {
    const processes = Object.entries(graph.processes ?? {}).map(([id, node]) => {
      const schema = this.#catalogue.get(node.component)?.config
      if (schema === undefined) return [id, node] as const
      const moved = rewriteFields(node.metadata ?? {}, schema, 'port', (port) =>
        typeof port === 'number' ? this.#move(port) : port,
      )
      const metadata = rewriteFields(moved, schema, 'path', (file) =>
        typeof file === 'string' ? path.resolve(this.folder, file) : file,
      )
      return [id, { ...node, metadata }] as const
    })
    return { ...graph, processes: Object.fromEntries(processes) }
  }

  #peer(peer: LabPeer, token: (reference: string | undefined) => string | undefined): PeerSpec {
    const tls = this.#tlsTrust(peer)
    const nextToken = token(peer.nextToken)
    return {
      endpoint: moveEndpoint(peer.endpoint, this.#labPorts, this.#move),
      token: token(peer.token),
      ...(nextToken !== undefined && { nextToken }),
      ...(tls && { tls }),
      ...(peer.dialect && { dialect: peer.dialect }),
    }
  }

  #discoveryEndpoint(
    place: LabDiscovery,
    token: (reference: string | undefined) => string | undefined,
  ): InstanceSpec['discoveryEndpoints'][number] {
    const tls = this.#tlsTrust(place)
    const [scheme = '', address = place.endpoint] = /^(https?:\/\/)?(.*?)\/?$/.exec(place.endpoint)?.slice(1) ?? []
    const endpoint = `${scheme}${moveEndpoint(address, this.#labPorts, this.#move)}`
    return { endpoint, token: token(place.token), ...(tls && { tls }) }
  }

  /** What a peer's certificate must be, with the file of authorities read. */
  #tlsTrust({ fingerprint, ca }: Pick<LabPeer, 'fingerprint' | 'ca'>): PeerSpec['tls'] {
    return tlsTrustOf({ fingerprint, ca: ca === undefined ? undefined : this.#pem(ca, 'the authorities of a peer') })
  }

  #tlsIdentity({ cert, key }: { cert: string; key: string }, name: string): NonNullable<InstanceSpec['tls']> {
    return { cert: this.#pem(cert, `the certificate of ${name}`), key: this.#pem(key, `the key of ${name}`) }
  }

  /** Read at each start, so that a renewed certificate is taken. Throws `FILE_NOT_FOUND`. */
  #pem(file: string, what: string): string {
    return readTextFile(path.resolve(this.folder, file), `${file} (${what})`)
  }

  #token(reference: string, name: string): string {
    try {
      return resolveReference(reference, this.#env).value
    } catch (error) {
      if (error instanceof MillraceError)
        throw new MillraceError(error.code, `instance "${name}": ${error.message}`, { cause: error })
      throw error
    }
  }

  #variable(name: string): [string, string][] {
    const value = this.#env[name]
    return value === undefined ? [] : [[name, value]]
  }
}

/** `data_001` → `data_002`, `left` → `left_2`. */
function nextName(name: string): string {
  const [, stem = name, digits] = /^(.*?)(\d+)$/.exec(name) ?? []
  if (digits === undefined) return `${stem}_2`
  return `${stem}${String(Number(digits) + 1).padStart(digits.length, '0')}`
}

function variablesOf(graph: GraphExport): string[] {
  return nodesOf(graph).flatMap(({ metadata }) => Object.keys((metadata['env_vars'] as object | undefined) ?? {}))
}

function refuseWhatCannotRun(lab: LabFile, file: string): void {
  const names = lab.instances.map(instanceName)
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice !== undefined)
    throw new MillraceError(
      'INSTANCE_DUPLICATE',
      `${file}: two instances are named "${twice}"; give one another instanceId`,
    )
}
