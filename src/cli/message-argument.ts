import { InvalidArgumentError } from 'commander'
import { didYouMean } from '../graph/index.ts'
import {
  fromTagged,
  fromTaggedOrPlain,
  isMessageKind,
  kindOf,
  messageTags,
  MillraceError,
  taggedAs,
  taggedOf,
  type MessageKind,
} from '../shared/index.ts'

/** The names of all kinds. */
export const kindNames = Object.keys(messageTags).filter(isMessageKind)

/** Reads a kind, in either case: `float` or `Float`. Throws what there is, and what was probably meant. */
export function parseKind(text: string): MessageKind {
  const known = kindNames.find((name) => name.toLowerCase() === text.toLowerCase())
  if (known !== undefined) return known
  throw new InvalidArgumentError(
    `there is no kind "${text}"${didYouMean(text, kindNames)}; the kinds are ${kindNames.join(', ')}`,
  )
}

/**
 * Reads a message: plain JSON, tagged JSON, or, where its kind is said, the data of a message of that kind. Throws `MESSAGE_INVALID`,
 * also when the JSON does not fit the kind.
 */
export function parseMessage(text: string, said?: MessageKind): { message: unknown; kind: MessageKind } {
  const json = parseJson(text)
  if (said === undefined) return { message: fromTaggedOrPlain(json), kind: kindOf(taggedOf(json)) }
  return { message: fromTagged(taggedAs(said, json)), kind: said }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new MillraceError(
      'MESSAGE_INVALID',
      `the message is not JSON; a text needs double quotes within the shell's own: '"text"'`,
      { cause },
    )
  }
}
