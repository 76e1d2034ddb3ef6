import type { StandardSchemaV1 } from '@standard-schema/spec'
import type { ActorDefinition, NodeContext, Port, Ports, RunContext } from '../../runtime/index.ts'

type Context = NodeContext<Ports, unknown, unknown>

/**
 * An actor whose behaviour can be exchanged while its nodes run: they hold `definition`, which passes everything on to the newest
 * version. So the nodes stay as they are, with their wires and all that is queued.
 */
export class SwappableActor {
  readonly definition: ActorDefinition
  #current: ActorDefinition
  /** Nodes whose state no longer fits, to be made anew at their next start. */
  readonly #stale = new Set<string>()

  constructor(first: ActorDefinition) {
    this.#current = first
    const current = () => this.#current
    this.definition = {
      name: first.name,
      get description() {
        return current().description ?? ''
      },
      inports: delegatePorts(first.inports, () => current().inports),
      outports: first.outports,
      get config() {
        // What a version without a schema takes is anything.
        return current().config ?? anyConfig
      },
      ...(first.firing !== undefined && { firing: first.firing }),
      ...(first.parallel !== undefined && { parallel: first.parallel }),
      state: (config) => current().state?.(config),
      saveState: (state) => (current().saveState === undefined ? state : current().saveState?.(state)),
      restoreState: (saved, config) =>
        current().restoreState === undefined ? saved : current().restoreState?.(saved, config),
      start: (context) => this.#start(context),
      run: (context: RunContext<Ports, Ports, unknown, unknown>) => current().run?.(context),
    }
  }

  get current(): ActorDefinition {
    return this.#current
  }

  /** Whether nodes can go over to a version as they are: same ports, same way of firing. */
  fits(next: ActorDefinition): boolean {
    return shapeOf(next) === shapeOf(this.#current)
  }

  /** Goes over to a version that fits. The nodes have to be started again; those whose state has other fields get a new one then. */
  swap(next: ActorDefinition, nodes: readonly string[]): void {
    const keepsState = this.#current.state === undefined || next.state?.toString() === this.#current.state.toString()
    if (!keepsState) for (const node of nodes) this.#stale.add(node)
    this.#current = next
  }

  #start(context: Context) {
    if (this.#stale.delete(context.node.id)) {
      const fresh = this.#current.state?.(context.config)
      if (!sameFields(fresh, context.state)) context.state = fresh
    }
    return this.#current.start?.(context)
  }
}

const anyConfig: StandardSchemaV1 = {
  '~standard': { version: 1, vendor: 'millrace', validate: (value) => ({ value }) },
}

function delegatePorts(ports: Ports, current: () => Ports): Ports {
  const delegate = ([name, port]: [string, Port]): [string, Port] => {
    if (port.schema === undefined) return [name, port]
    const validate = (value: unknown) => (current()[name]?.schema ?? anyConfig)['~standard'].validate(value)
    return [name, { ...port, schema: { '~standard': { version: 1, vendor: 'millrace', validate } } }]
  }
  return Object.fromEntries(Object.entries<Port>(ports).map(delegate))
}

/** What a node cannot change while it runs. */
function shapeOf({ inports, outports, firing = 'any', parallel = 1 }: ActorDefinition): string {
  const ports = (all: Ports) =>
    Object.entries<Port>(all)
      .map(([name, { kind, capacity, schema }]) => [name, kind, capacity, schema !== undefined])
      .sort()
  return JSON.stringify([ports(inports), ports(outports), firing, parallel])
}

function sameFields(one: unknown, other: unknown): boolean {
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null)
    return typeof one === typeof other
  return JSON.stringify(Object.keys(one).sort()) === JSON.stringify(Object.keys(other).sort())
}
