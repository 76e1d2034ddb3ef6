import { assertNever } from '../../shared/index.ts'
import { encodePartHead, encodeSequenced, sealData } from './frame-codec.ts'
import type { MessageOwner, ResendRing } from './resend-ring.ts'

/** What a channel wants sent next; `released`: the bytes that were told to `staged` for it. */
export type OutgoingFrame =
  /** Messages behind free bytes for the frame's header. */
  | {
      readonly type: 'data'
      readonly framed: Buffer
      readonly first: number
      readonly count: number
      readonly released: number
    }
  | { readonly type: 'part'; readonly body: Uint8Array; readonly released: number }
  | {
      readonly type: 'last'
      readonly body: Uint8Array
      readonly check: number
      readonly first: number
      readonly released: number
    }
  | { readonly type: 'gap'; readonly count: number; readonly released: number }

/** Gives a frame of a channel its place in the ring; answers how many messages it holds. */
export function keepFrame(ring: ResendRing, channel: MessageOwner, frame: OutgoingFrame): number {
  const { id } = channel
  switch (frame.type) {
    case 'data': {
      const { framed, first, count } = frame
      ring.push((sequence) => sealData(framed, { channel: id, count }, sequence), { channel, first, count })
      return count
    }
    case 'part': {
      const { body } = frame
      ring.pushApart((sequence) => encodePartHead({ channel: id, length: body.length }, sequence), body)
      return 0
    }
    case 'last': {
      const { body, check, first } = frame
      const data = { type: 'data', channel: id, count: 1, body, check } as const
      ring.push((sequence) => encodeSequenced(data, sequence), { channel, first, count: 1 })
      return 1
    }
    case 'gap':
      ring.push((sequence) => encodeSequenced({ type: 'gap', channel: id, count: frame.count }, sequence))
      return 0
    default:
      return assertNever(frame)
  }
}
