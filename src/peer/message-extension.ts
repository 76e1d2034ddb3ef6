import { addExtension } from 'msgpackr/index-no-eval'
import { canBeOfKind, isMessageKind } from '../shared/index.ts'
import { MessageOfKind, plainMessage, withoutKind } from './message-of-kind.ts'
import { isTraceParent, maxStateLength, TracedMessage } from './traced-message.ts'

/**
 * A type of MessagePack's that is ours to give, for a value and what is said of it: `[trace parent, trace state, value]`, or
 * `[kind, null, value]`. Who does not understand the first item takes the value alone: so does a peer that knows traces and no kinds yet.
 */
const extensionType = 84

function read(items: unknown): unknown {
  const [said, state, value] = Array.isArray(items) ? (items as unknown[]) : []
  if (isMessageKind(said)) {
    const plain = plainMessage(value)
    return canBeOfKind(plain, said) ? new MessageOfKind(plain, said) : plain
  }
  if (typeof said !== 'string' || !isTraceParent(said)) return value
  const isState = typeof state === 'string' && state.length <= maxStateLength
  return new TracedMessage(value, said, isState ? state : undefined)
}

// The codec knows its extensions once for all, so this is said once for all.
addExtension({
  Class: TracedMessage,
  type: extensionType,
  write: ({ value, parent, state }: TracedMessage) => [parent, state, value],
  read,
})
addExtension({
  Class: MessageOfKind,
  type: extensionType,
  write: ({ value, kind }: MessageOfKind) => [kind, null, withoutKind(value)],
  read,
})
