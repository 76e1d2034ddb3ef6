import type { VueFlowStore } from '@vue-flow/core'
import type { Place } from '../../view/draft-layout.ts'
import type { WalkDirection } from '../../view/walk.ts'
import { actorType } from './canvas-element.ts'

/** What keys, double clicks and drops on the canvas lead to. */
export interface CanvasInput {
  flow: VueFlowStore
  isEditing: () => boolean
  walk: (direction: WalkDirection, isNudge: boolean) => void
  fit: () => unknown
  zoomToChosen: () => unknown
  /** Nothing was clicked twice: where on the canvas, and where on screen. */
  ask: (place: Place, at: Place) => void
  dropped: (text: string, place: Place) => void
}

const walks: Record<string, WalkDirection> = {
  ArrowLeft: 'left',
  ArrowRight: 'right',
  ArrowUp: 'up',
  ArrowDown: 'down',
}

/** Listens to hands on the canvas as a whole; those on boxes and ports are Vue Flow's. */
export function useCanvasInput({ flow, isEditing, walk, fit, zoomToChosen, ask, dropped }: CanvasInput) {
  const placeOf = ({ clientX, clientY }: MouseEvent) => flow.screenToFlowCoordinate({ x: clientX, y: clientY })
  return {
    key(event: KeyboardEvent): void {
      const isWriting = event.target instanceof HTMLInputElement || event.target instanceof HTMLTextAreaElement
      if (event.ctrlKey || event.metaKey || event.altKey || isWriting) return
      const direction = walks[event.key]
      if (direction) walk(direction, event.shiftKey)
      else if (event.key === '1') fit()
      else if (event.key === '2') zoomToChosen()
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
