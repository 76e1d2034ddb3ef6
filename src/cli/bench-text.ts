import type { Bench, BenchOutcome, Measure } from '../lab/index.ts'
import { assertNever } from '../shared/index.ts'
import type { Colours } from './colours.ts'

/** Names the columns of `formatBench`. */
export const benchHeading = row('bench', 'millrace', 'floor', 'ratio', '')

/** A sample that had less of a processor than this was disturbed. */
const undisturbed = 0.9

/** Writes the outcome of a bench as one row. */
export function formatBench({ name, unit, measure, about }: Bench, outcome: BenchOutcome, colours: Colours): string {
  const { result, share = 1 } = outcome
  const compared = measure === 'rate' ? result.rate : result[measure]
  const figure = (value: number | undefined) => (value === undefined ? '' : formatFigure(measure, value, unit))
  const notes = [
    measure === 'rate' && result.p50Us !== undefined ? `p50 ${short(result.p50Us)} µs` : '',
    result.p99Us === undefined ? '' : `p99 ${short(result.p99Us)} µs`,
    result.bytesPerNode === undefined ? '' : `${short(result.bytesPerNode / 1_024)} KiB a node`,
    result.heapGrowthBytes === undefined ? '' : `heap ${short(result.heapGrowthBytes / 1_024)} KiB larger at the end`,
    share < undisturbed ? `busy machine: ${Math.round(share * 100)} % of a processor` : '',
    about,
  ].filter((note) => note !== '')
  const ratio = result.ratio.toFixed(2)
  return row(name, figure(compared), figure(result.floor), ratio, colours.dim(notes.join(' · ')))
}

function row(name: string, ours: string, floor: string, ratio: string, notes: string): string {
  return `${name.padEnd(14)}${ours.padStart(22)}${floor.padStart(22)}${ratio.padStart(7)}  ${notes}`.trimEnd()
}

function formatFigure(measure: Measure, value: number, unit: string): string {
  switch (measure) {
    case 'rate':
      if (value >= 1e6) return `${short(value / 1e6)} M ${unit}`
      if (value >= 1e3) return `${short(value / 1e3)} k ${unit}`
      return `${short(value)} ${unit}`
    case 'p50Us':
      return `p50 ${short(value)} µs`
    case 'startMs':
      return `${short(value)} ms`
    case 'queued':
      return `${value.toLocaleString('en')} ${unit}`
    default:
      return assertNever(measure)
  }
}

/** Three digits that count, and no exponent. */
function short(value: number): string {
  return value >= 100 ? value.toFixed(0) : String(Number(value.toPrecision(3)))
}
