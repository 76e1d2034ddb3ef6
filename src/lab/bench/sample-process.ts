import { type ChildProcess, fork } from 'node:child_process'
import { describeError } from '../../shared/index.ts'
import type { Bench, Sample, Side } from './bench.ts'
import { benches } from './benches.ts'

/** What a sample's process answers. */
export type SampleAnswer = { type: 'sample'; sample: Sample } | { type: 'failed'; reason: string }

// One fresh process: takes one sample, answers and ends. Its arguments are the bench, and the side or part.
const [name, task = ''] = process.argv.slice(2)
const parts = new Set<ChildProcess>()

const bench = benches.find((candidate) => candidate.name === name)
// Whoever started it has gone: so does it.
process.on('disconnect', () => process.exit(1))
process.on('exit', () => {
  for (const part of parts) part.kill('SIGKILL')
})
if (bench === undefined) answer({ type: 'failed', reason: `there is no bench "${String(name)}"` })
else await perform(bench)

async function perform(chosen: Bench): Promise<void> {
  const part = chosen.parts?.[task]
  try {
    if (part !== undefined) return await part()
    answer({ type: 'sample', sample: await chosen[task as Side]({ startPart: (other) => startPart(chosen, other) }) })
  } catch (error) {
    answer({ type: 'failed', reason: describeError(error) })
  }
}

function startPart(of: Bench, part: string): ChildProcess {
  const child = fork(process.argv[1] ?? '', [of.name, part], { execArgv: process.execArgv, serialization: 'advanced' })
  parts.add(child)
  child.on('exit', () => parts.delete(child))
  return child
}

function answer(message: SampleAnswer): void {
  if (process.send !== undefined) return void process.send(message, undefined, undefined, () => process.exit(0))
  // Started by hand, say for a profile.
  process.stdout.write(`${JSON.stringify(message)}\n`, () => process.exit(0))
}
