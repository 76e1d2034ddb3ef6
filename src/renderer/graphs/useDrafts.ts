import { defineStore } from 'pinia'
import { computed } from 'vue'
import type { ActorDescription, GraphExport, InstanceDescription, WireEnd } from '../../shared/index.ts'
import { checkGraph, describeGraph, isGraphComponent, type Finding } from '../../graph/index.ts'
import { useLab } from '../stores/useLab.ts'
import { exportedChoices, pathBetween } from '../view/actor-choice.ts'
import { draftInstance, groupsOf, notesOf, type DraftGroup, type DraftNote } from '../view/draft.ts'
import { innerName, innerPlace, runningEnds, selectedInside, type InnerPlace } from '../view/inner-place.ts'
import { keepingSame } from '../view/kept.ts'
import type { PortEnd } from '../view/port-rules.ts'
import type { Selected } from '../view/selected.ts'
import { remoteTarget } from '../view/topology.ts'
import { useCatalogue } from './useCatalogue.ts'
import { useGraphs, type OpenGraph } from './useGraphs.ts'

/** One side of a node: its ports, with what is known of each. */
export type PortDescriptions = ActorDescription['inports']

/** The instances as their edited graphs have them. What of it does not run yet is said by `isDraft` and the apply bar. */
export const useDrafts = defineStore('drafts', () => {
  const lab = useLab()
  const graphs = useGraphs()
  const catalogue = useCatalogue()

  /** Describes a component of a graph: an actor, an inner graph, or a node of a peer. */
  function describe(open: OpenGraph | undefined, component: string): ActorDescription | undefined {
    const target = remoteTarget(component)
    if (!target) return catalogue.of(component) ?? open?.inner.find(({ name }) => name === component)
    const peer = lab.instances.find(({ networkId }) => networkId === target.networkId)
    const process = graphs.of(peer?.graphFile ?? '')?.value.processes?.[target.node]
    return process && catalogue.of(process.component)
  }

  const kept = new Map<string, (nodes: InstanceDescription['nodes']) => InstanceDescription['nodes']>()
  const instances = computed(() =>
    lab.instances.map((instance): InstanceDescription => {
      const open = graphs.of(instance.graphFile)
      if (!open) return instance
      const draft = draftInstance(instance, open.value, (component) => describe(open, component))
      const keep = kept.get(instance.instance) ?? keepingSame(({ id }) => id)
      kept.set(instance.instance, keep)
      return { ...draft, nodes: keep(draft.nodes) }
    }),
  )
  const byName = computed(() => new Map(instances.value.map((instance) => [instance.instance, instance])))
  const nodesByName = computed(
    () =>
      new Map(instances.value.map(({ instance, nodes }) => [instance, new Map(nodes.map((node) => [node.id, node]))])),
  )
  const placeOf = (name: string) => innerPlace(name, (each) => byName.value.has(each))

  /** The graph that lies at the end of a way through nodes that are graphs, where it can be edited. */
  function graphAt({ instance, path }: InnerPlace): OpenGraph | undefined {
    const step = (open: OpenGraph | undefined, way: string): OpenGraph | undefined => {
      if (!open || way === '') return open
      for (const [id, { component }] of Object.entries(open.value.processes ?? {})) {
        if (!isGraphComponent(component) || !`${way}/`.startsWith(`${id}/`)) continue
        const name = open.insides.find((each) => each.component === component)?.graph
        const found = step(graphs.of(name ?? ''), way.slice(id.length + 1))
        if (found) return found
      }
      return undefined
    }
    return step(graphs.of(byName.value.get(instance)?.graphFile ?? ''), path)
  }

  interface Inside {
    open: OpenGraph
    /** What it is made of; another catalogue or instance makes another. */
    actors: readonly ActorDescription[]
    outer: InstanceDescription
    instance: InstanceDescription
    nodes: ReadonlyMap<string, InstanceDescription['nodes'][number]>
  }
  const insides = new Map<string, Inside>()
  /** The graph inside a node, as if it were an instance. */
  function inside(name: string): Inside | undefined {
    const place = placeOf(name)
    const open = place && graphAt(place)
    const outer = byName.value.get(place?.instance ?? '')
    if (!open || !outer) return undefined
    const { actors } = catalogue
    const known = insides.get(name)
    if (known?.open === open && known.actors === actors && known.outer === outer) return known
    const draft = draftInstance(outer, open.value, (component) => describe(open, component))
    const instance = { ...draft, instance: name, graphFile: open.summary.graph, exports: [] }
    const made = { open, actors, outer, instance, nodes: new Map(draft.nodes.map((node) => [node.id, node])) }
    insides.set(name, made)
    return made
  }

  const instanceOf = (name: string) => byName.value.get(name) ?? inside(name)?.instance
  const nodeOf = (instance: string, node: string) =>
    (nodesByName.value.get(instance) ?? inside(instance)?.nodes)?.get(node)
  /** What each graph was found to be; another catalogue forgets it. */
  const checked = computed(() => ({ actors: catalogue.actors, graphs: new WeakMap<GraphExport, readonly Finding[]>() }))
  /** What is wrong with each graph, by its name. */
  const findings = computed(() => new Map(graphs.all.map((open) => [open.summary.graph, findingsOf(open)])))
  function findingsOf({ value, inner }: OpenGraph): readonly Finding[] {
    const { actors, graphs: known } = checked.value
    if (actors.length === 0) return []
    const found = known.get(value) ?? checkGraph(value, undefined, [...actors, ...inner])
    known.set(value, found)
    return found
  }

  /** What is wrong with each instance's draft, and of that what is wrong with one node or wire: asked for by each card and line. */
  const findingsByInstance = computed(
    () =>
      new Map(
        instances.value.map(({ instance, graphFile, exports }) => {
          // The check does not see the lab: what peers use needs no wire here.
          const all = (findings.value.get(graphFile) ?? []).filter(
            ({ code, node }) => code !== 'NODE_ORPHAN' || !exports.includes(node ?? ''),
          )
          return [instance, grouping(all)] as const
        }),
      ),
  )
  const groupedFindings = new WeakMap<readonly Finding[], GroupedFindings>()
  /** What is wrong with a draft; that of a graph inside others is the same at each of its uses. */
  function findingsIn(name: string): GroupedFindings | undefined {
    const known = findingsByInstance.value.get(name)
    if (known) return known
    const all = findings.value.get(inside(name)?.open.summary.graph ?? '')
    if (!all) return undefined
    const grouped = groupedFindings.get(all) ?? grouping(all)
    groupedFindings.set(all, grouped)
    return grouped
  }

  const graphOf = (instance: string) => graphs.of(instanceOf(instance)?.graphFile ?? '')

  /** The ports of a node of the draft with their kinds; wired ports of an unknown actor take anything. */
  function ports(
    instance: string,
    node: string,
    known?: InstanceDescription['nodes'][number],
  ): { in: PortDescriptions; out: PortDescriptions } {
    const draft = known ?? nodeOf(instance, node)
    const actor = draft && describe(graphOf(instance), draft.component)
    const all = (names: readonly string[], described: PortDescriptions | undefined) =>
      Object.fromEntries(names.map((name) => [name, described?.[name] ?? { kind: 'any' }]))
    return { in: all(draft?.inports ?? [], actor?.inports), out: all(draft?.outports ?? [], actor?.outports) }
  }

  /** What runs of each running instance: its wires, and its nodes with those that are graphs around others. */
  const runningParts = computed(
    () =>
      new Map(
        lab.instances.flatMap(({ instance, state, nodes, wires }) =>
          state === 'running'
            ? [
                [
                  instance,
                  {
                    nodes: new Set(nodes.flatMap(({ id }) => withOuter(id))),
                    wires: new Set(wires.map(({ id }) => id)),
                  },
                ] as const,
              ]
            : [],
        ),
      ),
  )

  /** Walks from the instances inwards, and gives each inner graph once, at the first of its uses. */
  function* usedInsides(): Generator<InnerPlace & { name: string; graph: string }> {
    const seen = new Set(lab.instances.map(({ graphFile }) => graphFile))
    const open = lab.instances.map(({ instance, graphFile }) => ({ instance, path: '', graph: graphFile }))
    for (const around of open)
      for (const [id, { component }] of Object.entries(graphs.of(around.graph)?.value.processes ?? {})) {
        const graph = graphs.of(around.graph)?.insides.find((each) => each.component === component)?.graph
        if (graph === undefined || seen.has(graph)) continue
        seen.add(graph)
        const place = { instance: around.instance, path: around.path === '' ? id : `${around.path}/${id}` }
        open.push({ ...place, graph })
        yield { ...place, graph, name: innerName(place) }
      }
  }

  return {
    instances,
    instance: instanceOf,
    /** The name under which the graph inside a node is edited; `undefined` where it cannot be. */
    insideName: (place: InnerPlace): string | undefined => {
      const name = innerName(place)
      return inside(name) && name
    },
    /** Why the graph inside a node cannot be edited. */
    insideRefusal: ({ instance, path }: InnerPlace): string | undefined => {
      const last = path.lastIndexOf('/')
      const around = graphAt({ instance, path: last === -1 ? '' : path.slice(0, last) })
      const component = around?.value.processes?.[path.slice(last + 1)]?.component
      return around?.insides.find((each) => each.component === component)?.refusal
    },
    /** What of the lab's instances an inner graph's name stands for; `undefined` for an instance itself. */
    placeOf,
    /** A node of a draft as it runs. */
    running: (name: string, node: string): { instance: string; node: string } => {
      const place = placeOf(name)
      return place ? { instance: place.instance, node: `${place.path}/${node}` } : { instance: name, node }
    },
    /** A wire of a draft as it runs. */
    runningWire: (name: string, wire: { id: string; from: WireEnd; to: WireEnd }) => {
      const place = placeOf(name)
      return place
        ? { instance: place.instance, ...runningEnds(place, wire) }
        : { instance: name, id: wire.id, from: wire.from, to: wire.to }
    },
    /** The draft that something selected is edited in, with the name that it has there. */
    edited(selected: Selected): { instance: InstanceDescription; selected: Selected } | undefined {
      const outer = byName.value.get(selected.instance)
      if (!outer) return undefined
      const first = selected.type === 'node' ? selected.node : selected.type === 'wire' ? selected.wire : ''
      const isOuter =
        !first.includes('/') ||
        outer.nodes.some(({ id }) => id === first) ||
        (selected.type === 'wire' && outer.wires.some(({ id }) => id === first))
      if (isOuter) return { instance: outer, selected }
      const steps = first.replace(/ -> .*$/su, '').split('/')
      for (let length = steps.length - 1; length > 0; length--) {
        const place = { instance: selected.instance, path: steps.slice(0, length).join('/') }
        const within = inside(innerName(place))
        const local = within && selectedInside(selected, place)
        if (within && local) return { instance: within.instance, selected: local }
      }
      return undefined
    },
    /** One use of each graph that only others use, and what is wrong with it. */
    insides: computed(() => [...usedInsides()]),
    node: nodeOf,
    graphOf,
    describe: (instance: string, component: string) => describe(graphOf(instance), component),
    ports,
    end: (instance: string, node: string, side: 'in' | 'out', port: string): PortEnd => ({
      instance,
      node,
      port,
      side,
      kind: ports(instance, node)[side][port]?.kind ?? 'any',
    }),
    /** What is wrong with a node or with a wire of an instance's draft. */
    findings: (instance: string, of: { node: string } | { wire: string }): readonly Finding[] =>
      ('node' in of ? findingsIn(instance)?.byNode.get(of.node) : findingsIn(instance)?.byWire.get(of.wire)) ??
      noFindings,
    /** Whether something is wrong with a wire of an instance's draft beyond a warning. */
    isWrong: (instance: string, wire: string): boolean => findingsIn(instance)?.wrongWires.has(wire) === true,
    /** Everything that is wrong with the draft of an instance. */
    allFindings: (instance: string): readonly Finding[] => findingsIn(instance)?.all ?? noFindings,
    notes: (instance: string): DraftNote[] => notesOf(graphOf(instance)?.value ?? nothing),
    groups: (instance: string): DraftGroup[] => groupsOf(graphOf(instance)?.value ?? nothing),
    /** Whether a running instance does not have this node, or this wire, yet. */
    isDraft(instance: string, of: { node: string } | { wire: string }): boolean {
      const place = placeOf(instance)
      const running = runningParts.value.get(place?.instance ?? instance)
      if (!running) return false
      if ('wire' in of) return !running.wires.has(of.wire)
      return !running.nodes.has(place ? `${place.path}/${of.node}` : of.node)
    },
    /** The graphs of the lab that a node of this draft could be, named as its file would. */
    usableGraphs: (instance: string): ActorDescription[] => {
      const here = graphOf(instance)?.summary.graph
      if (here === undefined) return []
      return graphs.all.flatMap(({ summary: { graph, isNew, uses }, value, inner }) =>
        // One without ports can be wired to nothing: it is an instance's, not a part. One in no file nor graph was undone.
        graph !== here &&
        !(isNew && uses.length === 0) &&
        Object.keys({ ...value.inports, ...value.outports }).length > 0
          ? [describeGraph(pathBetween(here, graph), value, [...catalogue.actors, ...inner])]
          : [],
      )
    },
    /** Nodes of peers that this instance could stand for. */
    exported: (instance: string): ActorDescription[] => {
      const here = byName.value.get(placeOf(instance)?.instance ?? instance)
      return here ? exportedChoices(here, instances.value, (component) => catalogue.of(component)) : []
    },
  }
})

/** A node and the graphs that it is in: `a/b/c`, `a/b`, `a`. */
function withOuter(id: string): string[] {
  const steps = id.split('/')
  return steps.map((_, index) => steps.slice(0, index + 1).join('/'))
}

const noFindings: readonly Finding[] = []

interface GroupedFindings {
  all: readonly Finding[]
  byNode: ReadonlyMap<string, readonly Finding[]>
  byWire: ReadonlyMap<string, readonly Finding[]>
  /** Those with which something is wrong beyond a warning. */
  wrongWires: ReadonlySet<string>
}

function grouping(all: readonly Finding[]): GroupedFindings {
  const wrong = all.flatMap(({ severity, wire }) => (severity === 'error' && wire !== undefined ? [wire] : []))
  return { all, byNode: groupedBy(all, 'node'), byWire: groupedBy(all, 'wire'), wrongWires: new Set(wrong) }
}

function groupedBy(findings: readonly Finding[], field: 'node' | 'wire'): ReadonlyMap<string, readonly Finding[]> {
  const groups = new Map<string, Finding[]>()
  for (const finding of findings) {
    const name = finding[field]
    if (name === undefined) continue
    const group = groups.get(name)
    if (group) group.push(finding)
    else groups.set(name, [finding])
  }
  return groups
}

const nothing: GraphExport = { caseSensitive: false, properties: {} }
