import { taggedAs, taggedOf, type MessageKind, type TaggedMessage } from '../../shared/index.ts'
import { failureOf } from './failure.ts'

/**
 * What somebody wrote, as the lab wants it, or why it is no message. JSON, plain or with its kind as `{type, data}`; where a kind is said, the data
 * of a message of that kind.
 */
export function readMessage(
  text: string,
  kind?: MessageKind,
): { message: TaggedMessage; fault?: never } | { message?: never; fault: string } {
  try {
    const json: unknown = JSON.parse(text)
    return { message: kind === undefined ? taggedOf(json) : taggedAs(kind, json) }
  } catch (error) {
    return { fault: failureOf(error).text }
  }
}
