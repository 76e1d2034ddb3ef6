import { addExtension } from 'msgpackr/index-no-eval'

/** A type of MessagePack's that is ours to give. */
const extensionType = 84
const traceParent = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/
const maxStateLength = 512

/**
 * A message that is followed, with the headers of W3C Trace Context (https://www.w3.org/TR/trace-context/). What is put into a channel as
 * such comes out of it as such; a peer that sends what is no such thing sends its value alone.
 */
export class TracedMessage {
  readonly value: unknown
  /** `00-<trace>-<span>-<flags>` */
  readonly parent: string
  readonly state: string | undefined

  constructor(value: unknown, parent: string, state?: string) {
    this.value = value
    this.parent = parent
    this.state = state
  }
}

/** The message itself, whether or not it is followed. */
export function withoutTrace(message: unknown): unknown {
  return message instanceof TracedMessage ? message.value : message
}

// The codec knows its extensions once for all, so this is said once for all.
addExtension({
  Class: TracedMessage,
  type: extensionType,
  write: ({ value, parent, state }: TracedMessage) => [parent, state, value],
  read(read: unknown) {
    const [parent, state, value] = Array.isArray(read) ? (read as unknown[]) : []
    if (typeof parent !== 'string' || !traceParent.test(parent)) return value
    const isState = typeof state === 'string' && state.length <= maxStateLength
    return new TracedMessage(value, parent, isState ? state : undefined)
  },
})
