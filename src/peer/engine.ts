import type { DeliveryMode, ErrorCode, LinkSnapshot, MessageKind } from '../shared/index.ts'

/** Who an instance is: two names, and a random epoch that tells one start from the next. */
export interface PeerIdentity {
  readonly networkId: string
  readonly instanceId: string
  readonly epoch: string
}

/** The names of a peer, whichever start of it is meant. */
export interface PeerName {
  readonly networkId: string
  readonly instanceId: string
}

/** Writes a peer as snapshots and logs name it: `networkId/instanceId`. */
export function peerLabel(peer: PeerName): string {
  return `${peer.networkId}/${peer.instanceId}`
}

/** A port of an exported node. */
export interface ExportedPort {
  readonly name: string
  readonly kind: MessageKind
}

/** A node that peers may send to and subscribe to. */
export interface ExportedNode {
  readonly id: string
  readonly component: string
  readonly inports: readonly ExportedPort[]
  readonly outports: readonly ExportedPort[]
}

/** Takes messages; `undefined` when one was taken at once, else something that resolves when it was. Credit returns only then. */
export interface MessageSink {
  deliver(value: unknown): PromiseLike<void> | undefined
  /** Of those, how many lie in a queue at most, so that they would be gone if the process were killed; none when absent. */
  untaken?(): number
  /** The channel is over for good; no message follows. */
  closed?(reason: string): void
}

/**
 * Where messages for a peer are put; survives reconnects. `send` answers `undefined` when the message was accepted (credit
 * and resend ring had room), else a promise that resolves once it was and rejects with the reason why it never will be
 * (`NOT_EXPORTED`, `PORT_UNKNOWN`, `TOO_BIG`, `MESSAGE_INVALID`, `LINK_DOWN`).
 */
export interface OutboundChannel {
  /** @throws MillraceError `OUTBOX_FULL` when 256 sends wait already: await what `send` answers. */
  send(value: unknown): PromiseLike<void> | undefined
  /** Messages that wait for credit or for the link. */
  readonly queued: number
  /** Messages that may be sent before the receiver grants more, where there is such a thing. */
  readonly credit?: number
  /** Calls back once when `send` would answer at once; answers the undo, or nothing when it does so now. */
  whenReady?(run: () => void): (() => void) | undefined
  /** Ends the channel after what was accepted; safe to call twice. */
  close(): void
}

/** How a channel is opened. */
export interface ChannelOptions {
  /** One instance of the network, and no other. */
  readonly instanceId?: string
  /** Default `reliable`. */
  readonly delivery?: DeliveryMode
}

/** What this instance lets peers reach. `open*` refuse by throwing a MillraceError `NOT_EXPORTED` or `PORT_UNKNOWN`. */
export interface Exports {
  /** A node that was replaced is another object. */
  directory(): readonly ExportedNode[]
  /** Calls back after each change of the directory, for peers to be told at once; returns its undo. */
  whenChanged?(changed: () => void): () => void
  /** A peer wants to send to an inport. */
  openInport(peer: PeerName, node: string, port: string): MessageSink
  /** A peer subscribed to an outport: its messages go into `channel`. Returns what to do when the peer unsubscribes or is gone for good. */
  openOutport(peer: PeerName, node: string, port: string, channel: OutboundChannel): () => void
}

/** What happens to links and channels. */
export type LinkEvent =
  | {
      readonly type: 'linkUp'
      readonly peer: PeerName
      readonly address: string
      readonly direction: 'dialled' | 'accepted'
      /** Whether the session before the cut goes on; if not, `messagesLost` says what is gone. */
      readonly resumed: boolean
      readonly secure: boolean
      /** The id of the key that proved it. */
      readonly key?: string | undefined
    }
  | { readonly type: 'linkSuspect'; readonly peer: PeerName; readonly address: string; readonly silentMs: number }
  /** `resumable`: messages wait for the peer to come back within the resume window. */
  | {
      readonly type: 'linkDown'
      readonly peer: PeerName
      readonly address: string
      readonly reason: string
      readonly resumable: boolean
    }
  | {
      readonly type: 'linkRefused'
      readonly peer: PeerName | undefined
      readonly address: string
      /** `by: 'us'` when this side refused. */
      readonly by: 'us' | 'peer'
      readonly code: ErrorCode
      readonly reason: string
    }
  | {
      readonly type: 'channelRefused'
      readonly peer: PeerName
      readonly node: string
      readonly port: string
      readonly code: ErrorCode
      readonly reason: string
    }
  /** The peer told what is new about what it exports: ids of nodes. A node that was replaced is among the changed ones. */
  | {
      readonly type: 'exportsChanged'
      readonly peer: PeerName
      /** The peer's own count of its changes. */
      readonly revision: number
      readonly added: readonly string[]
      readonly changed: readonly string[]
      readonly removed: readonly string[]
    }
  /** `out`: accepted here and not confirmed by the peer; `in`: received here and not taken by its sink. `from` to `to` number the messages of the channel, from 1. */
  | {
      readonly type: 'messagesLost'
      readonly peer: PeerName
      readonly direction: 'out' | 'in'
      readonly node: string
      readonly port: string
      readonly count: number
      readonly from: number
      readonly to: number
      readonly reason: string
      readonly delivery: DeliveryMode
    }
  /**
   * The peer was killed and started anew: these had been received there, and nobody knows whether an actor had them before. Not counted
   * as lost; `from` to `to` as in `messagesLost`.
   */
  | {
      readonly type: 'messagesUncertain'
      readonly peer: PeerName
      readonly node: string
      readonly port: string
      readonly count: number
      readonly from: number
      readonly to: number
    }
  /** Messages reported as lost while the peer was silent turned out to have arrived; `lost` has been lowered by `count`. */
  | {
      readonly type: 'messagesFound'
      readonly peer: PeerName
      readonly node: string
      readonly port: string
      readonly count: number
      readonly from: number
      readonly to: number
    }

/** What carries messages between instances, whatever the carrier: direct links today. */
export interface Engine {
  /** Opens the way to a peer's inport. May be called before the peer is known: `send` waits. */
  openChannel(networkId: string, node: string, port: string, options?: ChannelOptions): OutboundChannel
  /**
   * Takes what a peer's outport emits; opened anew after a reconnect that could not resume. Returns its undo, which resolves once the
   * sink has taken what was under way.
   */
  subscribe(
    networkId: string,
    node: string,
    port: string,
    sink: MessageSink,
    options?: ChannelOptions,
  ): () => Promise<void>
  /** What the peer exports. @throws MillraceError `PEER_UNKNOWN`, `LINK_DOWN`, `TIMEOUT`. */
  directory(networkId: string): Promise<readonly ExportedNode[]>
  /** What the linked instances of a network have told that they export; `undefined` while none has told. */
  knownDirectory(networkId: string): readonly ExportedNode[] | undefined
  /** Asks for a sign of life. @throws MillraceError `PEER_UNKNOWN`, `LINK_DOWN`, `TIMEOUT`. */
  ping(networkId: string): Promise<{ readonly rttMs: number }>
  links(): LinkSnapshot[]
  /** Returns its undo. A throwing listener is logged and the rest go on. */
  subscribeEvents(listener: (event: LinkEvent) => void): () => void
  /** Asks every linked peer to send nothing more, and waits up to this long until its last message has come and all is taken; not for a sink that takes nothing. */
  holdPeers(withinMs: number): Promise<void>
  /** Gives accepted messages `drainMs` (default 0) to arrive and received ones to be taken, says goodbye, and leaves no timer behind; safe to call twice. */
  stop(options?: { drainMs?: number }): Promise<void>
}
