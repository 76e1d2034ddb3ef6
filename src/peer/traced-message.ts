const traceParent = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/
/** The longest state that is carried, in characters. */
export const maxStateLength = 512

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

/** Whether a text is a trace parent. */
export function isTraceParent(text: string): boolean {
  return traceParent.test(text)
}
