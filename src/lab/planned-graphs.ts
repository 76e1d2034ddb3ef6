import { describeDifference, diffGraphs, mattersInside, mattersToRun, type GraphDifference } from '../graph/index.ts'
import type { GraphExport, ShownDifference } from '../shared/index.ts'
import type { Composition, OpenGraph, OpenGraphs } from './open-graphs.ts'

/** What an instance is made of, and the graph it begins with. */
export interface PlannedGraph {
  open: OpenGraph
  composition: Composition
}

/** What the plans of a lab need from it. */
export interface PlansHost {
  graphs: OpenGraphs
  isRunning(instance: string): boolean
  /** Opens what the graphs use and what can be read by now. */
  openInsides(): void
  /** Brings a running instance to what its graph is made of. Throws what cannot be. */
  apply(instance: string, open: OpenGraph, composition: Composition): Promise<void>
}

/** How a graph differs from its file, or from what an instance runs. */
export interface InstanceDifferences {
  instance?: string | undefined
  differences: ShownDifference[]
}

/** What of the graphs runs: which composition each instance was brought to last, while the graphs go on being edited. */
export class PlannedGraphs {
  readonly #host: PlansHost
  /** What each instance runs, or would run again after a crash, and the graph that it is made of. */
  readonly #planned = new Map<string, PlannedGraph>()
  /** Applies of an instance go one after the other. */
  readonly #applying = new Map<string, Promise<void>>()

  constructor(host: PlansHost) {
    this.#host = host
  }

  /** What an instance is started with: what is shown; after a crash what ran. */
  planFor(instance: string, open: OpenGraph, { isRestart }: { isRestart: boolean }): PlannedGraph {
    this.#host.openInsides()
    const plan = (isRestart ? this.#planned.get(instance) : undefined) ?? this.#drawn(open)
    this.#planned.set(instance, plan)
    return plan
  }

  /** An instance is gone. */
  forget(instance: string): void {
    this.#planned.delete(instance)
  }

  /** What an instance runs; `undefined` while it does not. */
  running(instance: string): PlannedGraph | undefined {
    return this.#host.isRunning(instance) ? this.#planned.get(instance) : undefined
  }

  /** What runs of a graph, in each running instance that is made of it or contains it. */
  runningOf(open: OpenGraph): { instance: string; graph: GraphExport }[] {
    return [...this.#planned.keys()].flatMap((instance) => {
      const running = this.running(instance)
      const graph = running?.open === open ? running.composition.graph : running?.composition.inner.get(open.key)
      return graph === undefined ? [] : [{ instance, graph }]
    })
  }

  /** What a graph as it is drawn changes of its file, or of what each instance runs of it. */
  differences(open: OpenGraph, against: 'running' | 'file'): InstanceDifferences[] {
    const { graph } = open.file.document
    const matters = this.#mattersOf(open)
    if (against === 'file') return [{ differences: shown(open.file.saved, graph, matters) }]
    return this.runningOf(open).map((running) => ({
      instance: running.instance,
      differences: shown(running.graph, graph, matters),
    }))
  }

  /** The instances that run something else than what is drawn. */
  notApplied(open: OpenGraph): string[] {
    const { graph } = open.file.document
    const matters = this.#mattersOf(open)
    return this.runningOf(open).flatMap((running) =>
      running.graph !== graph && diffGraphs(running.graph, graph).some(matters) ? [running.instance] : [],
    )
  }

  /** The instances that are made of a graph or contain it, running or drawn, each with the graph that it is made of. */
  ownersOf(open: OpenGraph): Map<string, OpenGraph> {
    const { graphs } = this.#host
    const owners = new Map<string, OpenGraph>()
    for (const outer of graphs.all) {
      const isDrawn = outer === open || (outer.instances.length > 0 && graphs.compose(outer).inner.has(open.key))
      for (const instance of outer.instances)
        if (isDrawn || this.running(instance)?.composition.inner.has(open.key) === true) owners.set(instance, outer)
    }
    return owners
  }

  /** Brings a running instance to what is drawn now, after what is under way for it. Throws what cannot be. */
  async applyTo(instance: string, open: OpenGraph): Promise<void> {
    const before = this.#applying.get(instance)
    const work = this.#applyAfter(before, instance, open)
    this.#applying.set(instance, work)
    await work
  }

  async #applyAfter(before: Promise<void> | undefined, instance: string, open: OpenGraph): Promise<void> {
    // Whatever became of the one before, it has told its own caller.
    await Promise.allSettled([before])
    this.#host.openInsides()
    const plan = this.#drawn(open)
    if (this.#planned.get(instance)?.composition === plan.composition) return
    await this.#host.apply(instance, open, plan.composition)
    this.#planned.set(instance, plan)
  }

  #mattersOf(open: OpenGraph): (difference: GraphDifference) => boolean {
    return this.#host.graphs.uses(open).length > 0 ? mattersInside : mattersToRun
  }

  #drawn(open: OpenGraph): PlannedGraph {
    return { open, composition: this.#host.graphs.compose(open) }
  }
}

function shown(
  before: GraphExport,
  after: GraphExport,
  matters: (difference: GraphDifference) => boolean,
): ShownDifference[] {
  return diffGraphs(before, after).map((difference) => ({
    type: difference.type,
    kind: difference.kind,
    name: difference.name,
    text: describeDifference(difference),
    matters: matters(difference),
  }))
}
