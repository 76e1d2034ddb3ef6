import { randomUUID } from 'node:crypto'

/** Where an actor takes its chance from. */
export interface RandomSource {
  /** Uniform in [0, 1). */
  next(): number
  /** A new id in the form of a UUID. */
  uuid(): string
}

/** Makes a source of randomness; with a seed it gives the same sequence every time (and is then no secret). */
export function createRandomSource(seed?: number): RandomSource {
  if (seed === undefined) return { next: Math.random, uuid: randomUUID }
  const next = mulberry32(seed)
  const hexDigits = (length: number) => Array.from({ length }, () => Math.floor(next() * 16).toString(16)).join('')
  return { next, uuid: () => [8, 4, 4, 4, 12].map(hexDigits).join('-') }
}

/** The mulberry32 generator: 32 bits of state, good enough for sample data. */
function mulberry32(seed: number): () => number {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
