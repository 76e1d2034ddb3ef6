import { watch, type Ref } from 'vue'
import { useDrafts } from '../../graphs/useDrafts.ts'
import type { EditHow } from '../../graphs/useGraphs.ts'
import { useSelection } from '../../stores/useSelection.ts'
import type { Place } from '../../view/draft-layout.ts'
import { wireRefusal, type PortEnd } from '../../view/port-rules.ts'
import type { CanvasNode, CanvasPortEnd } from '../canvas/canvas-element.ts'
import { groupKey } from '../useDraftBoxes.ts'
import type { useTopology } from '../useTopology.ts'
import { nodeKey } from '../../view/topology.ts'
import { useEditing, type Marked } from './useEditing.ts'
import { useEdits } from './useEdits.ts'
import { useMoveTo } from './useMoveTo.ts'

/** What the canvas draws, and where. */
export type Topology = ReturnType<typeof useTopology>
/** See `useCanvasHands`. */
export type CanvasHands = ReturnType<typeof useCanvasHands>

/** What hands do on the canvas, turned into edits: marks, moves, wires, drops. */
export function useCanvasHands(topology: Topology, chosen: Ref<string | undefined>, isEdited: Ref<boolean>) {
  const drafts = useDrafts()
  const editing = useEditing()
  const edits = useEdits()
  const moving = useMoveTo()
  const selection = useSelection()
  // What can only be looked into is not edited.
  const canMark = () => editing.isOn && isEdited.value
  const boxOf = (key: string) => topology.boxes.value.find((box) => box.key === key)

  // What is selected elsewhere is what a key on the canvas is meant for.
  watch(chosen, (key) => {
    if (!canMark() || key === undefined || editing.isMarked(key)) return
    const thing = thingOf(key)
    if (thing) editing.mark([[key, thing]])
  })

  // What is gone, as after an undo, is neither marked nor selected any more.
  watch(topology.boxes, (boxes) => {
    if (!editing.isOn) return
    const present = new Set(boxes.map(({ key }) => key))
    const left = [...editing.marks].filter(([key, { type }]) => type === 'wire' || present.has(key))
    if (left.length < editing.marks.size) editing.mark(left)
    const now = selection.selected
    if (now?.type === 'node' && canMark() && chosen.value !== undefined && !present.has(chosen.value))
      selection.select(undefined)
  })

  function thingOf(key: string): Marked | undefined {
    const wire = topology.wireOf(key)
    if (wire) return { type: 'wire', instance: wire.instance, wire: wire.wire }
    const box = boxOf(key)
    if (box?.node !== undefined) return { type: 'node', instance: box.instance, node: box.node }
    if (box?.kind === 'note' && box.name !== undefined) return { type: 'note', instance: box.instance, note: box.name }
    return undefined
  }

  const endOf = ({ box, side, port }: CanvasPortEnd): PortEnd => drafts.end(box.instance, box.node ?? '', side, port)

  function move(moves: readonly { box: CanvasNode; x: number; y: number }[], how?: EditHow): void {
    const places = new Map<string, { nodes: Map<string, Place>; notes: Map<string, Place> }>()
    for (const { box, ...place } of moves) {
      const of = places.get(box.instance) ?? { nodes: new Map<string, Place>(), notes: new Map<string, Place>() }
      places.set(box.instance, of)
      if (box.node !== undefined) of.nodes.set(box.node, inFile(box.instance, place))
      else if (box.kind === 'note' && box.name !== undefined) of.notes.set(box.name, inFile(box.instance, place))
    }
    for (const [instance, of] of places) void edits.move(instance, of, how)
  }

  /** A click: marks it alone, or one more. */
  function mark(key: string, isMore: boolean): void {
    const thing = thingOf(key)
    if (!thing || !canMark()) return
    if (isMore) editing.toggle(key, thing)
    else editing.mark([[key, thing]])
  }

  return {
    thingOf,
    mark,
    markBox: ({ key }: CanvasNode, isMore: boolean) => mark(key, isMore),
    markBoxed(keys: readonly string[]): void {
      editing.mark(
        keys.flatMap((key): [string, Marked][] => {
          const thing = thingOf(key)
          return thing ? [[key, thing]] : []
        }),
      )
    },
    /** Marks all nodes of a group, so that they move together. */
    markGroup({ instance, name: group }: CanvasNode): void {
      if (group === undefined) return
      const members = drafts.groups(instance).find(({ id }) => id === group)?.nodes ?? []
      editing.mark([
        [groupKey(instance, group), { type: 'group', instance, group }],
        ...members.map((node): [string, Marked] => [nodeKey(instance, node), { type: 'node', instance, node }]),
      ])
    },
    /** A drag has ended: one step of undo for each graph. */
    moved(places: readonly { key: string; x: number; y: number }[]): void {
      if (movedOver(places)) return
      move(
        places.flatMap(({ key, x, y }) => {
          const box = boxOf(key)
          return box && (box.x !== x || box.y !== y) ? [{ box, x, y }] : []
        }),
      )
    },
    /** Moves what is marked a little, by the keys; what follows at once is the same step. */
    nudge(step: Place): void {
      const boxes = [...editing.marks.keys()].flatMap((key) => boxOf(key) ?? [])
      const moves = boxes.map((box) => ({ box, x: box.x + step.x, y: box.y + step.y }))
      move(moves, { mergeKey: `nudge ${boxes.map(({ key }) => key).join()}` })
    },
    wireBegun(end: CanvasPortEnd | undefined): void {
      editing.drawing = end && endOf(end)
      editing.refusal = undefined
    },
    refusalOf(box: CanvasNode, side: 'in' | 'out', port: string): string | undefined {
      const from = editing.drawing
      if (!from || box.node === undefined) return undefined
      if (from.instance === box.instance && from.node === box.node && from.port === port && from.side === side)
        return ''
      return (
        wireRefusal(from, drafts.end(box.instance, box.node, side, port), drafts.instance(from.instance) ?? noWires) ??
        ''
      )
    },
    joined: (one: CanvasPortEnd, other: CanvasPortEnd) => void edits.connect(endOf(one), endOf(other)),
    wireDropped(end: CanvasPortEnd, place: Place, at: Place): void {
      const { instance } = end.box
      editing.quickAdd = { instance, position: inFile(instance, place), at, end: endOf(end) }
    },
    /** A double click on nothing: asks what to add there. */
    ask(place: Place, at: Place): void {
      const instance = instanceAt(place)
      if (instance !== undefined) editing.quickAdd = { instance, position: inFile(instance, place), at }
    },
    /** An actor of the palette was dropped. */
    dropped(component: string, place: Place): void {
      const instance = instanceAt(place)
      if (instance !== undefined) void edits.addNode({ instance, component, position: inFile(instance, place) })
    },
    /** Where in its graph file a place on the canvas is. */
    inFile,
    instanceAt,
  }

  /** Nodes that were let go over another instance move there; false when they were not. */
  function movedOver(places: readonly { key: string; x: number; y: number }[]): boolean {
    const moved = places.flatMap(({ key, x, y }) => {
      const box = boxOf(key)
      return box?.node === undefined ? [] : [{ box, node: box.node, place: { x, y } }]
    })
    const [first] = moved
    if (!first || moved.some(({ box }) => box.instance !== first.box.instance)) return false
    const { instance, width, height } = first.box
    const middle = { x: first.place.x + width / 2, y: first.place.y + height / 2 }
    const target = topology.boxes.value.find((box) => box.kind === 'instance' && isWithin(middle, box))?.instance
    if (target === undefined || target === instance || moving.refusal(instance, target) !== undefined) return false
    const nodes = moved.map(({ node }) => node)
    void moving.moveTo(target, { instance, nodes }, inFile(target, first.place))
    return true
  }

  /** The instance that a place on the canvas belongs to: the one around it, else the selected one, else the nearest. */
  function instanceAt(place: Place | undefined): string | undefined {
    const frames = topology.boxes.value.filter(({ kind }) => kind === 'instance')
    const inside = place && frames.find((box) => isWithin(place, box))
    if (inside) return inside.instance
    if (frames.length < 2) return frames[0]?.instance
    if (!place) return selection.instance ?? frames[0]?.instance
    const away = ({ x, width }: CanvasNode) => Math.max(x - place.x, place.x - x - width, 0)
    return frames.toSorted((one, other) => away(one) - away(other))[0]?.instance
  }

  function inFile(instance: string, { x, y }: Place): Place {
    const anchor = topology.draft.placesOf(instance)?.anchor ?? { x: 0, y: 0 }
    return { x: x - anchor.x, y: y - anchor.y }
  }
}

const noWires = { wires: [] }

function isWithin({ x, y }: Place, box: CanvasNode): boolean {
  return x >= box.x && y >= box.y && x <= box.x + box.width && y <= box.y + box.height
}
