import { computed, shallowRef, watch, type Ref } from 'vue'
import { useDrafts } from '../graphs/useDrafts.ts'
import { assertNever } from '../../shared/index.ts'
import { useFigures } from '../stores/useFigures.ts'
import { useLab } from '../stores/useLab.ts'
import { fillLevel, fillShare } from '../view/fill.ts'
import { linkFigures } from '../view/link-figures.ts'
import { layoutTopology, type Density } from '../view/topology-layout.ts'
import {
  inFlowOrder,
  instanceKey,
  nodeKey,
  topologyLinks,
  topologyWires,
  type TopologyLink,
  type TopologyWire,
} from '../view/topology.ts'
import type { CanvasEdge, CanvasLook, CanvasNode, EdgeLabelSize, EdgeLook } from './canvas/canvas-element.ts'
import { portsOf, useDraftBoxes } from './useDraftBoxes.ts'

const linkLabel: EdgeLabelSize = { width: 74, height: 36, weight: Infinity }

/** What the canvas draws. It changes with the lab's structure alone; figures are looked up by those who show them. */
export function useTopology(look: Ref<CanvasLook>, density: Ref<Density>) {
  const lab = useLab()
  const drafts = useDrafts()
  const figures = useFigures()

  const structure = shallowRef(drafts.instances)
  // A change of a state or an uptime must not lay everything out again.
  watch(
    () => JSON.stringify(drafts.instances.map(({ instance, nodes, wires }) => ({ instance, nodes, wires }))),
    () => (structure.value = drafts.instances),
  )
  const wires = computed(() => new Map(topologyWires(structure.value).map((wire) => [wire.key, wire])))
  const links = computed(() => new Map(topologyLinks(structure.value).map((link) => [link.key, link])))
  const ordered = computed(() => inFlowOrder(structure.value, [...links.value.values()]))
  const draft = useDraftBoxes(
    ordered,
    computed(() => look.value === 'draft'),
  )

  const watchedBoxes = (arrangement: 'graph' | 'compact'): CanvasNode[] =>
    layoutTopology(ordered.value, arrangement, density.value).flatMap(({ instance, nodes, ...place }) => [
      { key: instanceKey(instance), kind: 'instance', instance, inports: [], outports: [], ...place },
      ...nodes.map(({ id, x, y }): CanvasNode => ({
        key: nodeKey(instance, id),
        kind: 'node',
        instance,
        node: id,
        x: place.x + x,
        y: place.y + y,
        ...density.value.card,
        ...portsOf(drafts.ports(instance, id)),
      })),
    ])
  const boxes = computed(() => (look.value === 'draft' ? draft.boxes.value : watchedBoxes(look.value)))
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
    const live = figures.of(wire.instance)
    const snapshot = live?.wires.get(wire.wire)
    if (drafts.findings(wire.instance, { wire: wire.wire }).some(({ severity }) => severity === 'error')) return 'wrong'
    if (!snapshot) return 'quiet'
    const level = fillLevel(fillShare(snapshot.queued, snapshot.capacity))
    return level === 'calm' && live?.rates.wires.get(wire.wire) === 0 ? 'quiet' : level
  }

  function wireLabel(wire: TopologyWire): EdgeLabelSize | undefined {
    const live = figures.of(wire.instance)
    const queued = live?.wires.get(wire.wire)?.queued ?? 0
    const rate = live?.rates.wires.get(wire.wire) ?? 0
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
    wireOf: (key: string) => wires.value.get(key),
    linkOf: (key: string) => links.value.get(key),
    /** The line of a link between an instance and a peer, if one is drawn. */
    linkKeyTo: (instance: string, peer: string) =>
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
