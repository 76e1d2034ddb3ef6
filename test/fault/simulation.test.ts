import { expect, it } from 'vitest'
import { report } from './report.ts'
import { isLong } from './scale.ts'
import { simulate } from './simulation.ts'

const schedules = isLong ? 100_000 : 300

it('keeps every promise in whatever order things happen', () => {
  const first = Number(process.env['MILLRACE_FAULT_SEED'] ?? (isLong ? Date.now() % 1e9 : 1))
  const failing: string[] = []
  for (let seed = first; seed < first + schedules; seed++) {
    const findings = simulate(seed)
    // The seed is the bug report: `simulate(seed)` does it again, step by step.
    if (findings.length > 0) failing.push(`seed ${seed}: ${findings.join('; ')}`)
    if (failing.length > 10) break
  }
  report('simulated schedules', { schedules, firstSeed: first, failing: failing.length })
  expect(failing).toEqual([])
})
