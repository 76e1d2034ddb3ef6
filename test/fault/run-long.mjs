// Runs the fault kit at full length and says at the end what it found. Windows knows no `NAME=value command`, hence this file.
import { spawnSync } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'

const report = process.env.MILLRACE_FAULT_REPORT ?? 'out/fault-report.ndjson'
rmSync(report, { force: true })
const env = { ...process.env, MILLRACE_FAULT: 'long', MILLRACE_FAULT_REPORT: report }
const vitest = ['node_modules/vitest/vitest.mjs', 'run', '--project', 'fault', ...process.argv.slice(2)]
const { status } = spawnSync(process.execPath, vitest, { stdio: 'inherit', env })
try {
  process.stdout.write(`\nFound, one JSON line each; kept in ${report}:\n${readFileSync(report, 'utf8')}`)
} catch {
  process.stdout.write('\nNothing was reported.\n')
}
process.exitCode = status ?? 1
