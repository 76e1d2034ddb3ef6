import type { LogLevel } from '../shared/index.ts'

/** Colours a text, or leaves it as it is. */
export interface Colours {
  dim(text: string): string
  red(text: string): string
  yellow(text: string): string
  green(text: string): string
  cyan(text: string): string
  bold(text: string): string
}

/** Colours for a terminal, or none for everything else. */
export function coloursFor({ colours }: { colours: boolean }): Colours {
  const paint = (code: number) => (text: string) => (colours ? `\u001b[${code}m${text}\u001b[0m` : text)
  return { dim: paint(2), red: paint(31), yellow: paint(33), green: paint(32), cyan: paint(36), bold: paint(1) }
}

/** The colour of a level. */
export function paintLevel(level: LogLevel, text: string, colours: Colours): string {
  const paint = { debug: colours.dim, info: colours.green, warn: colours.yellow, error: colours.red }[level]
  return paint(text)
}
