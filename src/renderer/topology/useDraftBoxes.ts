import { computed, shallowRef, watch, type Ref } from 'vue'
import type { InstanceDescription } from '../../shared/index.ts'
import { useDrafts, type PortDescriptions } from '../graphs/useDrafts.ts'
import { draftDirection, layoutDraft, type DraftDirection, type DraftPlaces, type Place } from '../view/draft-layout.ts'
import { instanceKey, nodeKey } from '../view/topology.ts'
import type { CanvasNode, CanvasPort } from './canvas/canvas-element.ts'

/** Where everything stands while it is edited. Instances stay where they were, so that nothing jumps under the pointer. */
export function useDraftBoxes(ordered: Ref<readonly InstanceDescription[]>, isOn: Ref<boolean>) {
  const drafts = useDrafts()
  const anchors = shallowRef<ReadonlyMap<string, Place>>(new Map())

  const direction = shallowRef<DraftDirection>('across')
  const contents = computed(() =>
    ordered.value.map((instance) => ({
      instance,
      notes: drafts.notes(instance.instance),
      groups: drafts.groups(instance.instance),
    })),
  )
  watch(isOn, (on) => on && beginAnew())
  /** Lines the instances up anew. */
  function beginAnew(): void {
    direction.value = draftDirection(contents.value)
    anchors.value = new Map()
  }
  beginAnew()
  const places = computed((): readonly DraftPlaces[] => layoutDraft(contents.value, anchors.value, direction.value))
  // Where instances stand is kept as soon as they stand somewhere else: what made room stays there.
  watch(
    () => (isOn.value ? JSON.stringify(places.value.map(({ instance, anchor }) => [instance, anchor])) : undefined),
    (now) => {
      if (now !== undefined) anchors.value = new Map(places.value.map(({ instance, anchor }) => [instance, anchor]))
    },
    { immediate: true },
  )
  const byInstance = computed(() => new Map(places.value.map((place) => [place.instance, place])))

  const boxes = computed((): CanvasNode[] =>
    places.value.flatMap(({ instance, frame, nodes, notes, groups }) => [
      { key: instanceKey(instance), kind: 'instance', instance, ...noPorts, ...frame },
      ...[...groups].map(([name, box]): CanvasNode => ({
        key: groupKey(instance, name),
        kind: 'group',
        instance,
        name,
        ...noPorts,
        ...box,
      })),
      ...[...notes].map(([name, box]): CanvasNode => ({
        key: noteKey(instance, name),
        kind: 'note',
        instance,
        name,
        ...noPorts,
        ...box,
      })),
      ...[...nodes].map(([node, box]): CanvasNode => ({
        key: nodeKey(instance, node),
        kind: 'node',
        instance,
        node,
        ...portsOf(drafts.ports(instance, node)),
        ...box,
      })),
    ]),
  )

  return {
    boxes,
    /** Where an instance and its parts stand now. */
    placesOf: (instance: string) => byInstance.value.get(instance),
    beginAnew,
  }
}

/** Names a note on the canvas. */
export function noteKey(instance: string, note: string): string {
  return `note ${instance} ${note}`
}

/** Names a group on the canvas. */
export function groupKey(instance: string, group: string): string {
  return `group ${instance} ${group}`
}

const noPorts = { inports: [], outports: [] } as const

/** The ports of a node as the canvas draws them. */
export function portsOf(ports: { in: PortDescriptions; out: PortDescriptions }) {
  return { inports: listOf(ports.in), outports: listOf(ports.out) }
}

function listOf(ports: PortDescriptions): CanvasPort[] {
  return Object.entries(ports).map(([name, { kind, description }]) => ({
    name,
    kind,
    ...(description !== undefined && { description }),
  }))
}
