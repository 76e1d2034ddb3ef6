import { Cable } from '@lucide/vue'
import { nextTick, shallowRef, type Ref } from 'vue'
import { offerActions } from '../stores/useActions.ts'
import { gridStep } from '../view/draft-layout.ts'
import { nextBox, nextLine, type WalkDirection, type WalkLine } from '../view/walk.ts'
import type { CanvasNode } from './canvas/canvas-element.ts'
import type { WalkHow } from './canvas/useCanvasInput.ts'
import type { Topology } from './edit/useCanvasHands.ts'

/** What walking over the canvas needs of it. */
export interface WalkingUse {
  topology: Topology
  chosen: Ref<string | undefined>
  frame: Ref<HTMLElement | null>
  isEditing: Ref<boolean>
  choose: (box: CanvasNode, isMore: boolean) => void
  chooseLine: (key: string) => void
  nudge: (step: { x: number; y: number }) => void
  focusCanvas: () => void
}

const nudges = { left: [-1, 0], right: [1, 0], up: [0, -1], down: [0, 1] } as const

/** Going over the canvas by keys alone: from node to node along the wires, and to these. */
export function useWalking(use: WalkingUse) {
  const { topology, chosen, frame, isEditing } = use
  /** The node whose wires are gone through. */
  const anchor = shallowRef<string>()
  const lines = (): WalkLine[] => topology.edges.value.map(({ key, from, to }) => ({ key, from: from.key, to: to.key }))

  async function walk(direction: WalkDirection, how: WalkHow): Promise<void> {
    if (how === 'nudge' && isEditing.value) {
      const [x, y] = nudges[direction]
      return use.nudge({ x: x * gridStep, y: y * gridStep })
    }
    const nodes = topology.boxes.value.filter(({ kind }) => kind === 'node' || kind === 'peer')
    const next = nodes.find(({ key }) => key === nextBox(nodes, lines(), chosen.value ?? '', direction))
    if (next === undefined) return
    use.choose(next, how === 'mark' && isEditing.value)
    await nextTick()
    const named =
      next.kind === 'peer'
        ? `peer ${CSS.escape(next.name ?? '')}`
        : `node ${CSS.escape(next.instance)} ${CSS.escape(next.node ?? '')}`
    frame.value?.querySelector<HTMLElement>(`[data-testid="${named}"]`)?.focus({ preventScroll: true })
  }

  function toLine(step: 1 | -1): void {
    const all = lines()
    const now = all.find(({ key }) => key === chosen.value)
    if (!now) anchor.value = chosen.value
    else if (anchor.value !== now.from && anchor.value !== now.to) anchor.value = now.from
    const next = nextLine(all, anchor.value ?? '', now?.key, step)
    if (next === undefined) return
    use.chooseLine(next)
    use.focusCanvas()
  }

  const refusal = () => {
    const key = chosen.value
    const isAtEnd = lines().some(({ key: line, from, to }) => line === key || from === key || to === key)
    return isAtEnd ? undefined : 'what is selected has no wires'
  }
  offerActions(() => [
    {
      id: 'canvas.nextWire',
      title: 'Go to the next wire of the node',
      section: 'Canvas',
      words: 'link line walk',
      icon: Cable,
      keys: ['w'],
      keysIn: 'canvas',
      refusal: refusal(),
      run: () => toLine(1),
    },
    {
      id: 'canvas.previousWire',
      title: 'Go to the wire before',
      section: 'Canvas',
      words: 'link line walk',
      icon: Cable,
      keys: ['Shift+w'],
      keysIn: 'canvas',
      refusal: refusal(),
      run: () => toLine(-1),
    },
  ])
  return { walk }
}
