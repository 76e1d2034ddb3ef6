import type { ChartLine } from './chart-series.ts'

/** The lines of a chart as CSV (RFC 4180): a row per moment, a column per line; empty where a line has no value. */
export function chartCsv(lines: readonly ChartLine[]): string {
  const rows = new Map<number, (number | undefined)[]>()
  for (const [place, { points }] of lines.entries())
    for (const [timeMs, value] of points) {
      if (value === null) continue
      const row = rows.get(timeMs) ?? []
      row[place] = value
      rows.set(timeMs, row)
    }
  const head = ['time', ...lines.map(({ name }) => name)].map(cell).join(',')
  const body = [...rows]
    .sort(([one], [other]) => one - other)
    .map(([timeMs, values]) =>
      [new Date(timeMs).toISOString(), ...lines.map((_, place) => values[place] ?? '')].join(','),
    )
  return `${[head, ...body].join('\r\n')}\r\n`
}

/** Quotes what has to be; a leading sign that a spreadsheet would take for a formula is defused. */
function cell(text: string): string {
  const safe = /^[=+\-@\t\r]/u.test(text) ? `'${text}` : text
  return /[",\r\n]/u.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
