import { appendFileSync, mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { isLong } from './scale.ts'

const file = process.env['MILLRACE_FAULT_REPORT'] ?? 'out/fault-report.ndjson'

/** Notes what a long run has found, one JSON line each; a short run keeps no report. */
export function report(what: string, figures: Readonly<Record<string, unknown>>): void {
  if (!isLong) return
  mkdirSync(dirname(file), { recursive: true })
  const line = JSON.stringify({ at: new Date().toISOString(), what, ...figures })
  appendFileSync(file, `${line}\n`)
  process.stderr.write(`${line}\n`)
}
