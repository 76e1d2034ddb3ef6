import { defineStore } from 'pinia'
import { computed } from 'vue'
import type { ActorDescription, GraphExport, InstanceDescription } from '../../shared/index.ts'
import { checkGraph, type Finding } from '../../graph/index.ts'
import { useLab } from '../stores/useLab.ts'
import { exportedChoices } from '../view/actor-choice.ts'
import { draftInstance, groupsOf, notesOf, type DraftGroup, type DraftNote } from '../view/draft.ts'
import { keepingSame } from '../view/kept.ts'
import type { PortEnd } from '../view/port-rules.ts'
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

  function allFindings(instance: string): readonly Finding[] {
    const now = byName.value.get(instance)
    // The check does not see the lab: what peers use needs no wire here.
    return (findings.value.get(now?.graphFile ?? '') ?? []).filter(
      ({ code, node }) => code !== 'NODE_ORPHAN' || now?.exports.includes(node ?? '') !== true,
    )
  }

  const graphOf = (instance: string) => graphs.of(byName.value.get(instance)?.graphFile ?? '')

  /** The ports of a node of the draft with their kinds; wired ports of an unknown actor take anything. */
  function ports(
    instance: string,
    node: string,
    known?: InstanceDescription['nodes'][number],
  ): { in: PortDescriptions; out: PortDescriptions } {
    const draft = known ?? byName.value.get(instance)?.nodes.find(({ id }) => id === node)
    const actor = draft && describe(graphOf(instance), draft.component)
    const all = (names: readonly string[], described: PortDescriptions | undefined) =>
      Object.fromEntries(names.map((name) => [name, described?.[name] ?? { kind: 'any' }]))
    return { in: all(draft?.inports ?? [], actor?.inports), out: all(draft?.outports ?? [], actor?.outports) }
  }

  return {
    instances,
    instance: (name: string) => byName.value.get(name),
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
      allFindings(instance).filter((finding) => ('node' in of ? finding.node === of.node : finding.wire === of.wire)),
    /** Everything that is wrong with the draft of an instance. */
    allFindings,
    notes: (instance: string): DraftNote[] => notesOf(graphOf(instance)?.value ?? nothing),
    groups: (instance: string): DraftGroup[] => groupsOf(graphOf(instance)?.value ?? nothing),
    /** Whether a running instance does not have this node, or this wire, yet. */
    isDraft(instance: string, of: { node: string } | { wire: string }): boolean {
      const running = lab.instance(instance)
      if (running?.state !== 'running') return false
      if ('wire' in of) return !running.wires.some(({ id }) => id === of.wire)
      const { node } = of
      return !running.nodes.some(({ id }) => id === node || id.startsWith(`${node}/`))
    },
    /** Nodes of peers that this instance could stand for. */
    exported: (instance: string): ActorDescription[] => {
      const here = byName.value.get(instance)
      return here ? exportedChoices(here, instances.value, (component) => catalogue.of(component)) : []
    },
  }
})

const nothing: GraphExport = { caseSensitive: false, properties: {} }
