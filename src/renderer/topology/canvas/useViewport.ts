import type { VueFlowStore } from '@vue-flow/core'
import { nextTick, watch, type Ref } from 'vue'
import { extentOf, firstViewport, readableZoom } from '../../view/topology-layout.ts'
import type { CanvasNode } from './canvas-element.ts'

/** What the view of the canvas depends on. */
export interface ViewportUse {
  flow: VueFlowStore
  size: { width: Ref<number>; height: Ref<number> }
  nodes: () => readonly CanvasNode[]
  chosen: () => string | undefined
  /** While it is edited the view stays where the person put it, whatever comes and goes. */
  isSteady: () => boolean
}

/** Names can be read, figures guessed. */
const leastZoom = 0.62
const margin = { top: 42, bottom: 10, side: 10 }

/** Where the view of the canvas is, and how it goes elsewhere. */
export function useViewport({ flow, size, nodes, chosen, isSteady }: ViewportUse) {
  let hasBegun = false
  /** Whoever has moved the view by hand keeps it, until they ask for everything. */
  let isByHand = false
  flow.onMoveEnd(({ event }) => {
    // Absent where the view was moved from here.
    if (event?.sourceEvent) isByHand = true
    void nextTick(standOnPixels)
  })
  /** Between pixels text is blurred, and each step of a movement takes three times as long to draw. */
  function standOnPixels(): void {
    const { x, y, zoom } = flow.viewport.value
    const whole = { x: Math.round(x), y: Math.round(y), zoom }
    if (whole.x !== x || whole.y !== y) void flow.setViewport(whole)
  }
  const fit = () => {
    isByHand = false
    return flow.fitView({ padding: { top: '42px', bottom: '10px', x: '10px' }, maxZoom: 1.15 })
  }

  /** Shows these boxes as large as can be read well. */
  function zoomTo(keys: readonly string[]): void {
    const known = keys.filter((key) => nodes().some((box) => box.key === key))
    if (known.length > 0) void flow.fitView({ nodes: known, padding: known.length > 1 ? 0.3 : 1.2, maxZoom: 1.4 })
  }
  /** Unlike fitting everything, this keeps it readable. */
  function begin(): void {
    if (size.width.value === 0 || nodes().length === 0 || (hasBegun && (isSteady() || isByHand))) return
    hasBegun = true
    const view = { width: size.width.value, height: size.height.value }
    if (isSteady()) beginSteady()
    else void flow.setViewport(firstViewport(extentOf(nodes()), view, margin))
  }
  /** Everything if that can be read, else the instance of what is selected, or the first. */
  function beginSteady(): void {
    const { width, height } = extentOf(nodes())
    if (Math.min(size.width.value / width, size.height.value / height) >= readableZoom) return void fit()
    const instance = nodes().find(({ key }) => key === chosen())?.instance ?? nodes()[0]?.instance
    const frame = nodes().find((box) => box.kind === 'instance' && box.instance === instance)
    if (!frame) return
    const room = { width: size.width.value - 2 * margin.side, height: size.height.value - margin.top - margin.bottom }
    const zoom = Math.min(1.1, Math.max(leastZoom, Math.min(room.width / frame.width, room.height / frame.height)))
    void flow.setViewport({
      x: margin.side - frame.x * zoom + Math.max(0, (room.width - frame.width * zoom) / 2),
      y: margin.top - frame.y * zoom,
      zoom,
    })
  }
  /** Moves the view when the box that was selected cannot be seen. */
  function bringIntoSight(): void {
    const box = nodes().find(({ key }) => key === chosen())
    if (!box || box.kind === 'instance') return
    const { x, y, zoom } = flow.viewport.value
    const [left, top] = [box.x * zoom + x, box.y * zoom + y]
    const isInSight =
      left >= 0 &&
      top >= 0 &&
      left + box.width * zoom <= size.width.value &&
      top + box.height * zoom <= size.height.value
    if (!isInSight) void flow.setCenter(box.x + box.width / 2, box.y + box.height / 2, { zoom })
  }

  watch(chosen, bringIntoSight)
  flow.onNodesInitialized(begin)
  watch(
    [
      () =>
        nodes()
          .map(({ key, x, y }) => `${key} ${x} ${y}`)
          .join('\n'),
      size.width,
      size.height,
    ],
    () => nextTick(begin),
  )
  return { fit, zoomTo }
}
