import type { GraphEdge, GraphPortType, WireEnd } from '../../../shared/index.ts'
import { freeName } from '../clipboard.ts'
import { refuseName } from '../graph-draft.ts'
import { edgeOf } from '../wire-commands.ts'

type Side = 'inports' | 'outports'

/** The ports that a graph exposes, each once however often it is wired, under names that are told when all are known. */
export class ExposedPorts {
  readonly #ends = { inports: new Map<string, Exposed>(), outports: new Map<string, Exposed>() }
  readonly #names = new Map<Exposed, string>()

  /** Exposes a port of a node; the first type that is said of it counts. */
  expose(side: Side, end: WireEnd, portType: GraphPortType): void {
    const key = keyOf(end)
    const known = this.#ends[side].get(key)
    if (known === undefined) this.#ends[side].set(key, { end, portType })
    else if (known.portType.type === 'any') known.portType = portType
    this.#names.clear()
  }

  /** Under which name a port is exposed: its own where no other has that, else with its node's before it. Throws `NAME_INVALID`. */
  nameOf(side: Side, end: WireEnd): string {
    if (this.#names.size === 0) for (const each of ['inports', 'outports'] as const) this.#nameAll(each)
    const exposed = this.#ends[side].get(keyOf(end))
    return (exposed && this.#names.get(exposed)) ?? end.port
  }

  /** The ports of one side, as a file has them. */
  edges(side: Side): Record<string, GraphEdge> {
    const ports = [...this.#ends[side].values()]
    return Object.fromEntries(ports.map(({ end, portType }) => [this.nameOf(side, end), { ...edgeOf(end), portType }]))
  }

  #nameAll(side: Side): void {
    const all = [...this.#ends[side].values()]
    const uses = new Map<string, number>()
    for (const { end } of all) uses.set(end.port, (uses.get(end.port) ?? 0) + 1)
    const isOnly = ({ end }: Exposed) => uses.get(end.port) === 1
    const taken = new Set<string>()
    for (const exposed of all.toSorted((one, other) => Number(isOnly(other)) - Number(isOnly(one)))) {
      const { node, port } = exposed.end
      const name = freeName(isOnly(exposed) ? port : `${node}_${port}`, taken)
      refuseName(name, `the exposed port ${node}.${port}`)
      taken.add(name)
      this.#names.set(exposed, name)
    }
  }
}

interface Exposed {
  end: WireEnd
  portType: GraphPortType
}

function keyOf({ node, port }: WireEnd): string {
  return JSON.stringify([node, port])
}
