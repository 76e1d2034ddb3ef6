/** Lays rows out in columns; the first row is the heading. Columns of numbers stand to the right. */
export function formatTable(rows: readonly (readonly (string | number)[])[]): string[] {
  const [heading = [], ...body] = rows
  const widths = heading.map((_, column) => Math.max(...rows.map((row) => String(row[column] ?? '').length)))
  const isNumeric = heading.map((_, column) => body.length > 0 && body.every((row) => typeof row[column] === 'number'))
  return rows.map((row) =>
    row
      .map((cell, column) => {
        const width = widths[column] ?? 0
        return isNumeric[column] ? String(cell).padStart(width) : String(cell).padEnd(width)
      })
      .join('  ')
      .trimEnd(),
  )
}
