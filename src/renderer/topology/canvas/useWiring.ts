import type { Connection, OnConnectStartParams, VueFlowStore } from '@vue-flow/core'
import type { CanvasNode, CanvasPortEnd } from './canvas-element.ts'
import { portOfHandle } from './flow-elements.ts'

/** What drawing a wire by hand leads to. */
export interface WiringUse {
  flow: VueFlowStore
  boxOf: (key: string) => CanvasNode | undefined
  /** Why these two ports cannot be joined. */
  refusal: (one: CanvasPortEnd, other: CanvasPortEnd) => string | undefined
  begun: (end: CanvasPortEnd | undefined) => void
  joined: (one: CanvasPortEnd, other: CanvasPortEnd) => void
  /** A wire was let go over nothing: where on the canvas, and where on screen. */
  dropped: (end: CanvasPortEnd, place: { x: number; y: number }, at: { x: number; y: number }) => void
}

/** Drawing wires from port to port. */
export function useWiring({ flow, boxOf, refusal, begun, joined, dropped }: WiringUse) {
  let from: CanvasPortEnd | undefined
  let isJoined = false

  function endOf(key: string | null | undefined, handle: string | null | undefined): CanvasPortEnd | undefined {
    const box = boxOf(key ?? '')
    const port = portOfHandle(handle)
    return box && port && { box, ...port }
  }
  const endsOf = ({ source, sourceHandle, target, targetHandle }: Connection) =>
    [endOf(source, sourceHandle), endOf(target, targetHandle)] as const

  return {
    isValid(connection: Connection): boolean {
      const [one, other] = endsOf(connection)
      return one !== undefined && other !== undefined && refusal(one, other) === undefined
    },
    start(params: OnConnectStartParams): void {
      from = endOf(params.nodeId, params.handleId)
      isJoined = false
      begun(from)
    },
    connect(connection: Connection): void {
      const [one, other] = endsOf(connection)
      isJoined = true
      if (one && other) joined(one, other)
    },
    end(event: MouseEvent | TouchEvent | undefined): void {
      const begin = from
      from = undefined
      begun(undefined)
      if (!begin || isJoined || !(event instanceof MouseEvent)) return
      // Over a card or a port it was meant for that one, and the reason why not has been told.
      const over = document.elementFromPoint(event.clientX, event.clientY)
      if (over?.closest('.vue-flow__node-node, .vue-flow__node-note') || !over?.closest('.vue-flow')) return
      const at = { x: event.clientX, y: event.clientY }
      dropped(begin, flow.screenToFlowCoordinate(at), at)
    },
  }
}
