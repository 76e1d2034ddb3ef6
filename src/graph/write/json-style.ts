/** How a JSON text is laid out. */
export interface JsonStyle {
  /** One level of indentation. */
  indent: string
  eol: string
  /** Everything on one line. */
  isFlat: boolean
  /** `{ "a": 1 }` rather than `{"a": 1}`. */
  hasPadding: boolean
  /** What stands between a key and its value. */
  colon: string
}

/** How Millrace lays out what it writes anew: as Prettier would leave it. */
export const ownStyle: JsonStyle = { indent: '  ', eol: '\n', isFlat: false, hasPadding: true, colon: ': ' }

/** The widest line that holds a whole object or list. */
export const lineWidth = 120

/** Reads from a JSON text how it is laid out. */
export function styleOf(text: string): JsonStyle {
  const eol = text.includes('\r\n') ? '\r\n' : '\n'
  const body = text.trimEnd()
  const firstIndent = /^\s*[[{]\r?\n([ \t]+)/.exec(body)?.[1]
  const isFlat = !body.includes('\n')
  const hasSpaces = /":\s/.test(body) || !isFlat
  return {
    indent: firstIndent ?? '  ',
    eol,
    isFlat,
    hasPadding: isFlat ? /^\s*[[{] /.test(body) : !/[{]"/.test(body),
    colon: hasSpaces ? ': ' : ':',
  }
}
