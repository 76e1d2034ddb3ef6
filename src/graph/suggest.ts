/** Ends a complaint about an unknown name with the nearest known one, or with nothing when none is near. */
export function didYouMean(name: string, known: Iterable<string>): string {
  let best: { name: string; distance: number } | undefined
  for (const candidate of known) {
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase())
    if (distance <= Math.max(1, Math.floor(candidate.length / 3)) && (!best || distance < best.distance))
      best = { name: candidate, distance }
  }
  return best ? `; did you mean "${best.name}"?` : ''
}

function editDistance(from: string, to: string): number {
  // Far apart in length is far apart; names of hostile length cost nothing.
  if (Math.abs(from.length - to.length) > 10 || from.length > 200) return Infinity
  let row = Array.from({ length: to.length + 1 }, (_, index) => index)
  for (const [i, letter] of [...from].entries()) {
    const next = [i + 1]
    for (const [j, other] of [...to].entries()) {
      const replaced = (row[j] ?? 0) + (letter === other ? 0 : 1)
      next.push(Math.min(replaced, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1))
    }
    row = next
  }
  return row.at(-1) ?? 0
}
