import { InvalidArgumentError } from 'commander'

const unitMs: Record<string, number> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 }
/** The longest a timer can wait. */
const longestMs = 2 ** 31 - 1

/** Reads `500ms`, `20s`, `1.5m` or `2h` as milliseconds. Throws what was expected. */
export function parseDuration(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text.trim())
  const durationMs = Math.round(Number(match?.[1]) * (unitMs[match?.[2] ?? ''] ?? Number.NaN))
  if (!(durationMs > 0))
    throw new InvalidArgumentError('expected a time above 0 with its unit, such as 500ms, 20s, 5m or 2h')
  if (durationMs > longestMs) throw new InvalidArgumentError('expected at most 596h')
  return durationMs
}
