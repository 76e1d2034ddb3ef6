import { CsvError, parse } from 'csv-parse/sync'
import * as v from 'valibot'
import { defineActor } from '../runtime/index.ts'
import { decode } from './decode.ts'
import { choice, flag, text } from './fields.ts'

const config = v.object({
  input: v.optional(
    choice(
      ['table', 'lines'],
      'whether each message is a whole table, or one line of it (as FileRead and FileTail give)',
    ),
    'table',
  ),
  header: v.optional(flag('whether the first line names the columns; without, rows are arrays'), true),
  columns: v.optional(
    v.pipe(v.array(v.string()), v.description('the names of the columns; then the first line is data')),
  ),
  delimiter: v.optional(v.pipe(text('what stands between fields'), v.length(1)), ','),
  numbers: v.optional(flag('whether what looks like a number becomes one'), false),
})

/** Reads tables in CSV (RFC 4180, by `csv-parse`) and emits row by row. */
export const csvParse = defineActor({
  name: 'CsvParse',
  description: 'Reads CSV and emits one message per row; what is not CSV becomes a dead letter.',
  inports: { Input: { description: 'text or bytes' } },
  outports: { Output: { description: 'an object by column, or an array without header' } },
  config,
  state: () => ({ header: undefined as string[] | undefined }),
  async run({ inputs, config: settings, state, out, reject }) {
    const { delimiter, header, input, columns, numbers } = settings
    let rows: string[][]
    try {
      rows = parse(decode(inputs.Input), { delimiter, bom: true, skip_empty_lines: true, relax_column_count: false })
    } catch (error) {
      return reject(`not CSV: ${error instanceof CsvError || error instanceof Error ? error.message : String(error)}`)
    }
    let names = columns ?? (input === 'lines' ? state.header : undefined)
    if (names === undefined && header) {
      names = rows.shift()
      if (input === 'lines') state.header = names
    }
    const wrong = names === undefined ? undefined : rows.find((row) => row.length !== names?.length)
    if (wrong !== undefined)
      return reject(`not CSV: a row has ${wrong.length} fields, and there are ${names?.length} columns`)
    const read = (cell: string) =>
      numbers && cell.trim() !== '' && Number.isFinite(Number(cell)) ? Number(cell) : cell
    for (const row of rows) {
      const values = row.map(read)
      await out.Output.send(
        names === undefined ? values : Object.fromEntries(values.map((value, index) => [names[index], value])),
      )
    }
  },
})
