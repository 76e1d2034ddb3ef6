import type { DeliveryMode } from '../../shared/index.ts'
import type { ExportedNode } from '../engine.ts'

/**
 * What travels in packets. A packet is `u8 0xA1 | u8 flags | u16 frames | u32 ack` and its frames; a frame is
 * `u8 type | u8 flags | u16 count | u32 channel | u32 sequence | u32 length` and its body; all little-endian.
 */
export const packetMagic = 0xa1
/** First byte of the handshake's messages and of a refusal. */
export const handshakeMagic = 0xa0
export const packetHeaderBytes = 8
export const frameHeaderBytes = 16
/** What stands in front of the body of a frame that travels alone in its packet. */
export const frameRoomBytes = packetHeaderBytes + frameHeaderBytes
/** Frame flag: the frame has a place in the sequence, is kept until acknowledged, and is sent again after a cut. */
export const sequencedFlag = 1
/** Flag of a data frame: its body is the end of one that began in `part` frames, and four bytes that `checkPart` makes of the parts. */
export const assembledFlag = 2
/** A body longer than this travels in parts, so that what other channels send, and heartbeats, pass between them. */
export const partBytes = 128 * 1024

/** The codes of the frame types. An unknown code below 0x80 is skipped, one from 0x80 ends the link. */
export const frameCodes = {
  open: 0x10,
  opened: 0x11,
  shut: 0x12,
  data: 0x20,
  part: 0x21,
  gap: 0x22,
  credit: 0x32,
  taken: 0x33,
  ping: 0x40,
  pong: 0x41,
  goaway: 0x50,
  drain: 0x51,
  drained: 0x52,
  discover: 0x60,
  directory: 0x61,
  watch: 0x62,
  listing: 0x63,
} as const

/** How far a sender may go, counted from the start of the channel in this session: absolute, so that one told twice does no harm. */
export interface Credit {
  readonly messages: number
  readonly bytes: number
}

/** How many messages of a channel actors have taken: absolute, like credit. */
export interface TakenCount {
  readonly channel: number
  readonly messages: number
}

/** Frames that have a place in the sequence, without it. */
export type SequencedFrame =
  /** `send`: the opener will send to an inport. `subscribe`: it wants what an outport emits, and grants the first credit. */
  | {
      readonly type: 'open'
      readonly channel: number
      readonly mode: 'send' | 'subscribe'
      readonly node: string
      readonly port: string
      readonly credit: Credit
      readonly delivery: DeliveryMode
    }
  | { readonly type: 'opened'; readonly channel: number; readonly credit: Credit }
  | { readonly type: 'refused'; readonly channel: number; readonly code: string; readonly reason: string }
  | { readonly type: 'shut'; readonly channel: number; readonly reason: string }
  /** `count` consecutive messages of one channel, encoded one after the other; `check` when the body began in parts. */
  | {
      readonly type: 'data'
      readonly channel: number
      readonly count: number
      readonly body: Uint8Array
      readonly check?: number
    }
  /** The beginning, or more, of the body of the next data frame of the channel. */
  | { readonly type: 'part'; readonly channel: number; readonly body: Uint8Array }
  /** So many messages of the channel will never come: its delivery does not ask for them. */
  | { readonly type: 'gap'; readonly channel: number; readonly count: number }
  /** The sender wants nothing more: what waits for it is to stay where it is. */
  | { readonly type: 'drain' }
  /** The answer: no message follows. */
  | { readonly type: 'drained' }
  | { readonly type: 'discover'; readonly request: number }
  | { readonly type: 'directory'; readonly request: number; readonly nodes: readonly ExportedNode[] }
  /** The sender wants to know what is exported, from this revision of the receiver's directory on; 0 when it knows none. */
  | { readonly type: 'watch'; readonly revision: number }
  /** What of the sender's directory is new since a revision: all of it where that is 0. A long one comes in several frames. */
  | {
      readonly type: 'listing'
      readonly from: number
      readonly to: number
      readonly nodes: readonly ExportedNode[]
      readonly gone: readonly string[]
      readonly isLast: boolean
    }
  | { readonly type: 'unknown' }

/** Frames that are worth nothing after a cut. */
export type LooseFrame =
  | { readonly type: 'credit'; readonly grants: readonly (Credit & { readonly channel: number })[] }
  /** So many messages of each channel, counted from its start in this session, lie in no queue of the sender any more: actors have them. */
  | { readonly type: 'taken'; readonly counts: readonly TakenCount[] }
  | { readonly type: 'ping'; readonly id: number }
  | { readonly type: 'pong'; readonly id: number }
  /** The sender stops for good, having received up to this sequence number (its low 32 bits). */
  | { readonly type: 'goaway'; readonly received: number; readonly reason: string }

/** A frame as parsed: a sequenced one with the low 32 bits of its place. */
export type Frame =
  | { readonly sequenced: true; readonly sequence: number; readonly frame: SequencedFrame }
  | { readonly sequenced: false; readonly frame: LooseFrame }

/** A packet as parsed; `ack` is the low 32 bits of the last place received in order. */
export interface Packet {
  readonly ack: number
  readonly frames: readonly Frame[]
}
