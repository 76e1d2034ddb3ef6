import { stringify } from 'csv-stringify/sync'
import * as v from 'valibot'
import { defineActor } from '../runtime/index.ts'
import { flag, text } from './fields.ts'

const config = v.object({
  columns: v.optional(
    v.pipe(v.array(v.string()), v.description('the columns, in order; those of the first row when absent')),
  ),
  header: v.optional(flag('whether a first line names the columns'), true),
  delimiter: v.optional(v.pipe(text('what stands between fields'), v.length(1)), ','),
  escapeFormulas: v.optional(flag('whether fields that a spreadsheet would run get a quote in front'), true),
})

/** Writes rows as lines of CSV (RFC 4180, by `csv-stringify`). */
export const csvFormat = defineActor({
  name: 'CsvFormat',
  description: 'Writes each row (an object or an array), or each array of rows, as lines of CSV.',
  inports: { Input: {} },
  outports: { Output: { kind: 'string', description: 'lines, each with its end' } },
  config,
  state: () => ({ columns: undefined as string[] | undefined }),
  run({ inputs: { Input: message }, config: { columns, header, delimiter, escapeFormulas }, state, reject }) {
    const rows = Array.isArray(message) && message.every((row) => typeof row === 'object') ? message : [message]
    if (rows.some((row) => typeof row !== 'object' || row === null)) return reject('a row is an object or an array')
    const isFirst = state.columns === undefined
    state.columns ??= columns ?? (rows[0] === undefined || Array.isArray(rows[0]) ? [] : Object.keys(rows[0] as object))
    const named = state.columns.length > 0
    return {
      Output: stringify(rows as unknown[][], {
        delimiter,
        escape_formulas: escapeFormulas,
        ...(named && { columns: state.columns, header: header && isFirst }),
      }),
    }
  },
})
