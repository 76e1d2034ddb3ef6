import { computed, shallowRef, watch, type Ref } from 'vue'
import { useDrafts } from '../graphs/useDrafts.ts'
import { assertNever, type InstanceDescription } from '../../shared/index.ts'
import { useFigures } from '../stores/useFigures.ts'
import { useLab } from '../stores/useLab.ts'
import { fillLevel, fillShare } from '../view/fill.ts'
import { innerInstance } from '../view/inner-graph.ts'
import { innerName, type InnerPlace } from '../view/inner-place.ts'
import { keepingSame } from '../view/kept.ts'
import { linkFigures } from '../view/link-figures.ts'
import { runningWire } from '../view/running-wire.ts'
import { peerBox, withPeersAtEdges, type OutsidePeers, type PlacedPeer } from '../view/outside-peers.ts'
import { layoutTopology, type Density, type InstanceBox, type GraphWords } from '../view/topology-layout.ts'
import {
  inFlowOrder,
  instanceKey,
  nodeKey,
  remotesInside,
  topologyLinks,
  topologyWires,
  type RemoteInside,
  type TopologyLink,
  type TopologyWire,
} from '../view/topology.ts'
import type { CanvasEdge, CanvasLook, CanvasNode, EdgeLabelSize, EdgeLook } from './canvas/canvas-element.ts'
import { groupKey, noteKey, portsOf, useDraftBoxes } from './useDraftBoxes.ts'

const linkLabel: EdgeLabelSize = { width: 74, height: 36, weight: Infinity }

/** What the canvas draws. It changes with the lab's structure alone; figures are looked up by those who show them. */
export function useTopology(
  look: Ref<CanvasLook>,
  density: Ref<Density>,
  inside: Ref<{ instance: string; path: readonly string[] } | undefined>,
  outside: Ref<OutsidePeers>,
  /** The graph inside a node, where it is edited in place. */
  within: Ref<InnerPlace | undefined>,
) {
  const lab = useLab()
  const drafts = useDrafts()
  const figures = useFigures()

  /** What is drawn: the instances as they are edited, or the graph inside one of their nodes. */
  const drawn = computed((): readonly InstanceDescription[] => {
    const edited = within.value && drafts.instance(innerName(within.value))
    if (edited) return [edited]
    const outer = lab.instance(inside.value?.instance ?? '')
    return inside.value && outer ? [innerInstance(outer, inside.value.path)] : drafts.instances
  })
  const structure = shallowRef(drawn.value)
  // A change of a state or an uptime must not lay everything out again.
  watch(
    () => JSON.stringify(drawn.value.map(({ instance, nodes, wires }) => ({ instance, nodes, wires }))),
    () => (structure.value = drawn.value),
  )
  const nodes = computed(
    () =>
      new Map(
        structure.value.flatMap((instance) =>
          instance.nodes.map((node) => [nodeKey(instance.instance, node.id), node] as const),
        ),
      ),
  )
  const wires = computed(() => new Map(topologyWires(structure.value).map((wire) => [wire.key, wire])))
  // Known of what runs alone: a draft says what is inside a graph in another file.
  const farRemotes = shallowRef<readonly RemoteInside[]>([])
  watch(
    () => JSON.stringify(remotesInside(drawn.value, lab.instances)),
    () => (farRemotes.value = remotesInside(drawn.value, lab.instances)),
    { immediate: true },
  )
  const inLab = computed(() => topologyLinks(structure.value, farRemotes.value))
  const links = computed(() => new Map([...inLab.value, ...outside.value.links].map((link) => [link.key, link])))
  const ordered = computed(() => inFlowOrder(structure.value, inLab.value))
  const draft = useDraftBoxes(
    ordered,
    computed(() => look.value === 'draft'),
  )

  const watchedBoxes = (arrangement: 'graph' | 'compact'): CanvasNode[] => {
    const placed = withPeersAtEdges(layoutTopology(ordered.value, arrangement, density.value, wordsOf), outside.value)
    return [...placed.peers.map(boxOfPeer), ...placed.instances.flatMap(boxesOfInstance)]
  }
  /** Notes and groups are for those who watch, too; those of a graph inside a node are in a file of its own. */
  const wordsOf = (instance: string): GraphWords =>
    inside.value ? { notes: [], groups: [] } : { notes: drafts.notes(instance), groups: drafts.groups(instance) }
  const wordBox = (kind: 'note' | 'group', { instance, x, y }: InstanceBox) => {
    const keyOf = kind === 'note' ? noteKey : groupKey
    return ([name, area]: [string, { x: number; y: number; width: number; height: number }]): CanvasNode => ({
      key: keyOf(instance, name),
      kind,
      instance,
      name,
      inports: [],
      outports: [],
      ...area,
      x: x + area.x,
      y: y + area.y,
    })
  }
  const boxOfPeer = ({ key, peer, instance, x, y }: PlacedPeer): CanvasNode => {
    return { key, kind: 'peer', instance, name: peer, inports: [], outports: [], ...peerBox.size, x, y }
  }
  const boxesOfInstance = (box: InstanceBox): CanvasNode[] => {
    const { instance, nodes: placed, notes, groups, ...place } = box
    return [
      { key: instanceKey(instance), kind: 'instance', instance, inports: [], outports: [], ...place },
      ...[...groups].map(wordBox('group', box)),
      ...[...notes].map(wordBox('note', box)),
      ...placed.map(({ id, x, y }): CanvasNode => ({
        key: nodeKey(instance, id),
        kind: 'node',
        instance,
        node: id,
        x: place.x + x,
        y: place.y + y,
        ...density.value.card,
        ...portsOf(drafts.ports(instance, id, nodes.value.get(nodeKey(instance, id)))),
      })),
    ]
  }
  const kept = keepingSame<CanvasNode>(({ key }) => key)
  const boxes = computed(() => kept(look.value === 'draft' ? draft.boxes.value : watchedBoxes(look.value)))
  const edges = computed((): CanvasEdge[] => [
    ...[...wires.value.values()].map(({ key, from, to }): CanvasEdge => ({ key, kind: 'wire', from, to })),
    ...[...links.value.values()].map(({ key, from, to }): CanvasEdge => ({
      key,
      kind: 'link',
      from: { key: from },
      to: { key: to },
    })),
  ])

  function wireLook(wire: TopologyWire): EdgeLook {
    const running = drafts.runningWire(wire.instance, { ...wire, id: wire.wire })
    const live = figures.live.get(running.instance)
    const snapshot = runningWire(live?.wires, running)
    if (drafts.isWrong(wire.instance, wire.wire)) return 'wrong'
    if (!snapshot) return 'quiet'
    const level = fillLevel(fillShare(snapshot.queued, snapshot.capacity))
    return level === 'calm' && live?.rates.wires.get(snapshot.id) === 0 ? 'quiet' : level
  }

  function wireLabel(wire: TopologyWire): EdgeLabelSize | undefined {
    const running = drafts.runningWire(wire.instance, { ...wire, id: wire.wire })
    const live = figures.live.get(running.instance)
    const snapshot = runningWire(live?.wires, running)
    const queued = snapshot?.queued ?? 0
    const rate = live?.rates.wires.get(snapshot?.id ?? '') ?? 0
    if (rate === 0 && queued === 0) return undefined
    // In steps, so that two wires of about the same rate do not take turns.
    const weight = Math.round(Math.log2(1 + rate + queued))
    return { width: queued > 0 ? 100 : 52, height: 19, weight }
  }

  function linkLook(link: TopologyLink): EdgeLook {
    const live = figures.of(link.instance)
    const now = live && linkFigures(link, live, lab.instance(link.peer)?.address ?? '')
    if (!now) return 'quiet'
    switch (now.state) {
      case 'up':
        return 'calm'
      case 'connecting':
      case 'closed':
        return 'quiet'
      case 'suspect':
      case 'down':
      case 'refused':
        return 'broken'
      default:
        return assertNever(now.state)
    }
  }

  return {
    boxes,
    edges,
    draft,
    /** The node that a box stands for. */
    nodeOf: (key: string) => nodes.value.get(key),
    wireOf: (key: string) => wires.value.get(key),
    linkOf: (key: string) => links.value.get(key),
    /** The box of a peer outside the lab, or the line of a link between an instance and a peer, if one is drawn. */
    linkKeyTo: (instance: string, peer: string) =>
      outside.value.peers.find((box) => box.peer === peer)?.key ??
      [...links.value.values()].find((link) => link.instance === instance && link.peer === peer)?.key,
    /** How much room the label of a line takes, and how much it matters; none when it has none. */
    labelOf(key: string): EdgeLabelSize | undefined {
      const wire = wires.value.get(key)
      return wire ? wireLabel(wire) : links.value.has(key) ? linkLabel : undefined
    },
    lookOf(key: string): EdgeLook {
      const wire = wires.value.get(key)
      const link = links.value.get(key)
      if (wire) return wireLook(wire)
      return link ? linkLook(link) : 'quiet'
    },
  }
}
