/**
 * Makes text from actors, peers and files safe for a terminal: control characters and direction overrides, which could
 * move the cursor or disguise a line, are shown as escapes.
 */
export function visible(text: string): string {
  return text.replaceAll(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu, (letter) => {
    if (letter === '\t') return '  '
    if (letter === '\n') return '⏎'
    return `\\u${(letter.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`
  })
}
