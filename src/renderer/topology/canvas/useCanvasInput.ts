import type { VueFlowStore } from '@vue-flow/core'
import type { Place } from '../../view/draft-layout.ts'
import type { WalkDirection } from '../../view/walk.ts'
import { actorType } from './canvas-element.ts'

/** What keys, double clicks and drops on the canvas lead to. */
export interface CanvasInput {
  flow: VueFlowStore
  isEditing: () => boolean
  walk: (direction: WalkDirection, how: WalkHow) => void
  /** Shows the details of what is selected. */
  inspect: () => void
  /** Nothing was clicked twice: where on the canvas, and where on screen. */
  ask: (place: Place, at: Place) => void
  dropped: (text: string, place: Place) => void
}

/** What an arrow does: goes there, goes there and marks it too, or moves what is marked. */
export type WalkHow = 'go' | 'mark' | 'nudge'

const walks: Record<string, WalkDirection> = {
  ArrowLeft: 'left',
  ArrowRight: 'right',
  ArrowUp: 'up',
  ArrowDown: 'down',
}

/** Listens to hands on the canvas as a whole; those on boxes and ports are Vue Flow's. */
export function useCanvasInput({ flow, isEditing, walk, inspect, ask, dropped }: CanvasInput) {
  const placeOf = ({ clientX, clientY }: MouseEvent) => flow.screenToFlowCoordinate({ x: clientX, y: clientY })
  return {
    key(event: KeyboardEvent): void {
      const isWriting = event.target instanceof HTMLInputElement || event.target instanceof HTMLTextAreaElement
      if (event.altKey || isWriting) return
      const isMore = event.ctrlKey || event.metaKey
      const direction = walks[event.key]
      if (direction) walk(direction, isMore ? 'mark' : event.shiftKey ? 'nudge' : 'go')
      else if (isMore) return
      else if (event.key === 'Enter' && isCanvasItself(event.target)) inspect()
      else if (event.key === '+') void flow.zoomIn()
      else if (event.key === '-') void flow.zoomOut()
      else return
      event.preventDefault()
    },
    doubleClick(event: MouseEvent): void {
      if (!isEditing() || !(event.target instanceof Element) || !event.target.closest('.vue-flow__pane')) return
      ask(placeOf(event), { x: event.clientX, y: event.clientY })
    },
    dragOver(event: DragEvent): void {
      if (isEditing() && event.dataTransfer?.types.includes(actorType)) event.preventDefault()
    },
    drop(event: DragEvent): void {
      const text = event.dataTransfer?.getData(actorType) ?? ''
      if (text === '') return
      event.preventDefault()
      dropped(text, placeOf(event))
    },
  }
}

/** Whether a key is meant for the canvas or for a card on it, not for one of its buttons or notes. */
function isCanvasItself(target: EventTarget | null): boolean {
  return target instanceof Element && target.matches('.flow-canvas, [data-testid^="node "], [data-testid^="peer "]')
}
