import type { LogEntry } from '../../shared/index.ts'

/** A line that a person drew across the log, to find a moment again. */
export interface LogMark {
  type: 'mark'
  /** Stands right after the line of this sequence. */
  after: number
  timeMs: number
  label: string
}

/** A line of the log as it is shown. */
export interface LogLineRow {
  type: 'line'
  entry: LogEntry
}
export type LogRow = LogLineRow | LogMark

/** How many rows lines and marks make together. */
export function rowCount(lines: readonly LogEntry[], marks: readonly LogMark[]): number {
  return lines.length + marks.length
}

/** The row at a place; marks, few and in order, stand after their lines. */
export function rowAt(lines: readonly LogEntry[], marks: readonly LogMark[], place: number): LogRow | undefined {
  let before = 0
  for (const mark of marks) {
    const markPlace = placeAfter(lines, mark.after) + before
    if (markPlace === place) return mark
    if (markPlace > place) break
    before += 1
  }
  const entry = lines[place - before]
  return entry ? { type: 'line', entry } : undefined
}

/** Where the line of this sequence is among the rows, or the next one that is shown. */
export function placeOfLine(lines: readonly LogEntry[], marks: readonly LogMark[], sequence: number): number {
  return placeAfter(lines, sequence - 1) + marks.filter(({ after }) => after < sequence).length
}

/** How many lines have this sequence or a lower one: where those after it begin. */
export function placeAfter(lines: readonly LogEntry[], sequence: number): number {
  let low = 0
  let high = lines.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((lines[middle]?.sequence ?? Infinity) <= sequence) low = middle + 1
    else high = middle
  }
  return low
}

/** The lines and marks as text: `.log` for people, `.jsonl` for programs. */
export function exportLog(lines: readonly LogEntry[], marks: readonly LogMark[], format: 'log' | 'jsonl'): string {
  const rows = Array.from({ length: rowCount(lines, marks) }, (_, place) => rowAt(lines, marks, place))
  return rows
    .flatMap((row) => (row === undefined ? [] : [format === 'log' ? textOf(row) : jsonOf(row)]))
    .map((line) => `${line}\n`)
    .join('')
}

function textOf(row: LogRow): string {
  if (row.type === 'mark') return `${new Date(row.timeMs).toISOString()} ---- ${row.label} ----`
  const { timeMs, level, instance, node, text } = row.entry
  // A line of the file is a line of the log, whatever is in it.
  const oneLine = text.replaceAll(/\r?\n/gu, '\\n')
  return `${new Date(timeMs).toISOString()} ${level.padEnd(5)} ${instance}${node === undefined ? '' : ` ${node}`} ${oneLine}`
}

function jsonOf(row: LogRow): string {
  if (row.type === 'mark') return JSON.stringify({ type: 'mark', timeMs: row.timeMs, label: row.label })
  return JSON.stringify({ type: 'line', ...row.entry })
}
