const step = '  '

/** JSON on lines of its own, indented. Takes any text, also JSON that was cut off, and changes nothing but the space between. */
export function prettyJson(text: string): string {
  let depth = 0
  let pretty = ''
  const newLine = () => `\n${step.repeat(depth)}`
  // Whole strings, empty brackets, space between, and single characters.
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"?|\{\s*\}|\[\s*\]|\s+|[^"\s]/gsu)) {
    if (token === '{' || token === '[') {
      depth += 1
      pretty += token + newLine()
    } else if (token === '}' || token === ']') {
      depth = Math.max(0, depth - 1)
      pretty += newLine() + token
    } else if (token === ',') pretty += token + newLine()
    else if (token === ':') pretty += ': '
    else if (token.trim() !== '') pretty += token
  }
  return pretty
}
