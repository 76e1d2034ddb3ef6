import type { ExportedNode } from '../engine.ts'
import type { SequencedFrame } from './frame.ts'
import type { FrameMessages, UntakenMessages } from './resend-ring.ts'
import type { Directory } from './session-directory.ts'
import type { ChannelHost } from './session-channels.ts'

/** What a session needs of its owner. Nothing of it may call back into the session before it returns, except `open*`. */
export interface SessionHost extends ChannelHost {
  /** Writes a packet, of which `body` is the end if it stands apart. */
  write(packet: Buffer, body: Uint8Array | undefined): void
  /** Whether the connection takes more now; if not, `flush` is called when it does. */
  writable(): boolean
  /** Asks for `flush` when this turn ends. */
  requestFlush(): void
  /** Asks for `acknowledge` after `acknowledgeAfterMs`. */
  requestAcknowledge(): void
  /** Asks for `tellTaken` after `tellTakenAfterMs`. */
  requestTelling(): void
  directory(): Directory
  directoryArrived(request: number, nodes: readonly ExportedNode[]): void
  /** The peer tells what of its directory is new. */
  listingArrived(listing: SequencedFrame & { type: 'listing' }): void
  pongArrived(id: number): void
  /** The peer has said that it wants nothing more; senders wait from here on. */
  drainAsked(): void
  /** The peer has sent its last message. */
  drained(): void
  /** The peer stops for good. */
  goodbye(received: number, reason: string): void
  counted(count: 'sent' | 'received' | 'duplicated', messages: number): void
}

/** What a session that ended leaves behind: enough to find out later what did arrive. */
export interface SessionRemains {
  readonly id: string
  /** The last place received in order. */
  readonly received: number
  /** Data frames that were not acknowledged, in order. */
  readonly unconfirmed: readonly { readonly sequence: number; readonly messages: FrameMessages }[]
  /** What the peer confirmed and no actor of it is known to have. */
  readonly untaken: readonly UntakenMessages[]
}
