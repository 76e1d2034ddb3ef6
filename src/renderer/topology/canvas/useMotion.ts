import type { VueFlowStore } from '@vue-flow/core'
import { onScopeDispose, type Ref } from 'vue'

/** So long after a movement has ended the canvas is at rest again: the next turn of a wheel may follow at once. */
const restMs = 180
/** And so long after the last step of one whose end is not told, as where the view is set by a program, or of a hand that holds still. */
const stillMs = 700
/** A hand that pauses for so long looks at the figures: they are shown anew, though the picture stays one. */
const pauseMs = 300

/**
 * Marks the canvas while its view moves: its boxes and lines then are one picture that is moved rather than painted anew (six times
 * cheaper with 310 boxes and 600 lines where software paints), and no box is looked for under the pointer. For good that picture
 * would stay as fine or coarse as it was, whatever the zoom; while the zoom changes it does. The classes are set by hand: nothing has
 * to be rendered for them.
 */
export function useMotion(flow: VueFlowStore, frame: Readonly<Ref<HTMLElement | null>>, hold: () => () => void): void {
  let rest: ReturnType<typeof setTimeout> | undefined
  let pause: ReturnType<typeof setTimeout> | undefined
  let isMoving = false
  let zoomAtStart = 0
  let release: (() => void) | undefined

  /**
   * Does something some time from now, unless the hand has moved again by the frame after: where frames take longer than the time, the
   * hand's next step is waiting for one, and what is done at rest would make that wait longer still.
   */
  function afterFrame(ms: number, act: () => void): ReturnType<typeof setTimeout> {
    const timer: ReturnType<typeof setTimeout> = setTimeout(() => {
      const actIfDue = () => (timer === rest || timer === pause) && act()
      // A hidden page has no frames.
      if (document.hidden) actIfDue()
      else requestAnimationFrame(actIfDue)
    }, ms)
    return timer
  }
  function end(): void {
    clearTimeout(rest)
    rest = undefined
    isMoving = false
    frame.value?.classList.remove('moving', 'zooming')
    letFigures()
  }
  function letFigures(): void {
    clearTimeout(pause)
    pause = undefined
    release?.()
    release = undefined
  }
  flow.onMoveStart(({ flowTransform }) => {
    if (!isMoving) zoomAtStart = flowTransform.zoom
  })
  flow.onMove(({ event, flowTransform }) => {
    // A view that is set at once is there already.
    if (!isByHand(event)) return
    clearTimeout(rest)
    clearTimeout(pause)
    rest = afterFrame(stillMs, end)
    pause = afterFrame(pauseMs, letFigures)
    release ??= hold()
    if (flowTransform.zoom !== zoomAtStart) frame.value?.classList.add('zooming')
    if (isMoving) return
    isMoving = true
    frame.value?.classList.add('moving')
  })
  flow.onMoveEnd(() => {
    clearTimeout(rest)
    rest = afterFrame(restMs, end)
  })
  onScopeDispose(end)
}

/** Vue Flow hands on the event of d3, which names that of the hand, if there is one. */
function isByHand(event: unknown): boolean {
  return typeof event === 'object' && event !== null && 'sourceEvent' in event && event.sourceEvent !== null
}
