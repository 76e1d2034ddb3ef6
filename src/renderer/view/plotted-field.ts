/** A field of the messages of a wire that is drawn as a chart. */
export interface PlottedField {
  instance: string
  wire: string
  /** Keys and places joined by dots; empty for the message itself. */
  path: string
}

/** Names the chart of a field. */
export function fieldKey({ instance, wire, path }: PlottedField): string {
  return `field ${JSON.stringify([instance, wire, path])}`
}

/** What storage had, as far as it is fields. */
export function readFields(kept: unknown): PlottedField[] {
  if (!Array.isArray(kept)) return []
  return kept.flatMap((each: unknown) => {
    if (typeof each !== 'object' || each === null) return []
    const { instance, wire, path } = each as Record<string, unknown>
    return typeof instance === 'string' && typeof wire === 'string' && typeof path === 'string'
      ? [{ instance, wire, path }]
      : []
  })
}

/**
 * The number at a path of a value; `undefined` where there is none. Keys may hold dots themselves, so that every way to cut the path is tried,
 * the shortest key first.
 */
export function numberAt(value: unknown, path: string): number | undefined {
  if (path === '') return numberOf(value)
  if (typeof value !== 'object' || value === null) return undefined
  for (let dot = path.indexOf('.'); ; dot = path.indexOf('.', dot + 1)) {
    const key = dot === -1 ? path : path.slice(0, dot)
    if (Object.hasOwn(value, key)) {
      const found = numberAt((value as Record<string, unknown>)[key], dot === -1 ? '' : path.slice(dot + 1))
      if (found !== undefined) return found
    }
    if (dot === -1) return undefined
  }
}

function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined
}

/** The newest points of a field, so many at most. */
export function withPoints(
  points: readonly [number, number][],
  fresh: readonly [number, number][],
  { sinceMs, limit }: { sinceMs: number; limit: number },
): [number, number][] {
  const all = [...points, ...fresh]
  const first = all.findIndex(([timeMs]) => timeMs >= sinceMs)
  return first === -1 ? [] : all.slice(Math.max(first, all.length - limit))
}
