import * as v from 'valibot'

// Config fields that many actors have, with the bounds that a timer or a queue can keep.

const longestTimerMs = 2_147_483_647

/** A duration in milliseconds that a timer can keep. */
export function duration(
  description: string,
  { least = 1, most = longestTimerMs }: { least?: number; most?: number } = {},
) {
  return v.pipe(v.number(), v.minValue(least), v.maxValue(most), v.description(description))
}

/** A whole number within bounds. */
export function count(description: string, { least = 1, most }: { least?: number; most: number }) {
  return v.pipe(v.number(), v.integer(), v.minValue(least), v.maxValue(most), v.description(description))
}

/** A text that is described. */
export function text(description: string) {
  return v.pipe(v.string(), v.description(description))
}

/** A switch that is described. */
export function flag(description: string) {
  return v.pipe(v.boolean(), v.description(description))
}

/** One of some words, described. */
export function choice<const Words extends readonly string[]>(words: Words, description: string) {
  return v.pipe(v.picklist(words), v.description(description))
}
