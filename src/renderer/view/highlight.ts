/** A piece of a text, and whether it is what was looked for. */
export interface TextPiece {
  text: string
  isHit: boolean
}

/** Cuts a text at the words that were looked for; without any, it is one piece. Case does not count. */
export function highlight(text: string, words: readonly string[]): TextPiece[] {
  const wanted = words.filter((word) => word !== '')
  if (wanted.length === 0) return [{ text, isHit: false }]
  const lower = text.toLowerCase()
  // Where lower case is longer or shorter than the text, places in one are not places in the other.
  if (lower.length !== text.length) return [{ text, isHit: false }]
  const pieces: TextPiece[] = []
  let done = 0
  while (done < text.length) {
    const next = nextHit(lower, wanted, done)
    if (!next) break
    if (next.start > done) pieces.push({ text: text.slice(done, next.start), isHit: false })
    pieces.push({ text: text.slice(next.start, next.end), isHit: true })
    done = next.end
  }
  if (done < text.length) pieces.push({ text: text.slice(done), isHit: false })
  return pieces
}

function nextHit(text: string, words: readonly string[], from: number): { start: number; end: number } | undefined {
  let best: { start: number; end: number } | undefined
  for (const word of words) {
    const start = text.indexOf(word, from)
    if (start === -1) continue
    if (!best || start < best.start || (start === best.start && start + word.length > best.end))
      best = { start, end: start + word.length }
  }
  return best
}
