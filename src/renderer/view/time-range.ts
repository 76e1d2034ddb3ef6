/** A stretch of time, in milliseconds since the epoch. */
export interface TimeRange {
  sinceMs: number
  untilMs: number
}

/** As little as the pointer can choose. */
const leastMs = 1_000

/**
 * The stretch that a key leads to: + and − halve and double it, arrows move it by a quarter, with Shift they take a quarter off that
 * side. It stays within what is kept, `from` to `to`. `undefined` for any other key.
 */
export function rangeAfterKey(
  { key, shiftKey }: { key: string; shiftKey: boolean },
  { sinceMs, untilMs }: TimeRange,
  kept: TimeRange,
): TimeRange | undefined {
  const span = untilMs - sinceMs
  const quarter = span / 4
  switch (key) {
    case '+':
    case '=':
      return within(
        {
          sinceMs: sinceMs + (untilMs >= kept.untilMs ? span / 2 : quarter),
          untilMs: untilMs >= kept.untilMs ? untilMs : untilMs - quarter,
        },
        kept,
      )
    case '-':
      return within({ sinceMs: sinceMs - span / 2, untilMs: untilMs + span / 2 }, kept)
    case 'ArrowLeft':
      return within({ sinceMs: shiftKey ? sinceMs : sinceMs - quarter, untilMs: untilMs - quarter }, kept)
    case 'ArrowRight':
      return within({ sinceMs: sinceMs + quarter, untilMs: shiftKey ? untilMs : untilMs + quarter }, kept)
    default:
      return undefined
  }
}

/** A stretch that would reach out of what is kept is moved into it, then cut. */
function within({ sinceMs, untilMs }: TimeRange, kept: TimeRange): TimeRange {
  const span = Math.min(Math.max(leastMs, untilMs - sinceMs), Math.max(leastMs, kept.untilMs - kept.sinceMs))
  const until = Math.min(Math.max(untilMs, kept.sinceMs + span), kept.untilMs)
  return { sinceMs: until - span, untilMs: until }
}
