import { checkKind, inferKind, type MessageKind } from '../shared/index.ts'
import { withoutTrace } from './traced-message.ts'

/** A message whose kind was said and is not the one that its value has by itself. What is put into a channel as such comes out of it as such. */
export class MessageOfKind {
  readonly value: unknown
  readonly kind: MessageKind

  constructor(value: unknown, kind: MessageKind) {
    this.value = value
    this.kind = kind
  }
}

/** Says the kind of a message for a channel; where that is told by the value, the value is enough. @throws MillraceError `MESSAGE_INVALID`. */
export function ofKind(value: unknown, kind: MessageKind): unknown {
  checkKind(value, kind)
  // A link makes 0 of -0, and 0 by itself is an integer.
  return kind === inferKind(value) && !Object.is(value, -0) ? value : new MessageOfKind(value, kind)
}

/** The message itself, whether or not its kind was said. */
export function withoutKind(message: unknown): unknown {
  return message instanceof MessageOfKind ? message.value : message
}

/** The value alone, without trace and kind. */
export function plainMessage(message: unknown): unknown {
  return withoutKind(withoutTrace(message))
}
