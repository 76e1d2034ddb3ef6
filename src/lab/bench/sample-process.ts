import { type ChildProcess, fork } from 'node:child_process'
import { describeError } from '../../shared/index.ts'
import type { Bench, PairBench, Sample, Side } from './bench.ts'
import { benches } from './benches.ts'

/** What a sample's process says. */
export type SampleAnswer =
  | { type: 'sample'; sample: Sample }
  | { type: 'pairs'; samples: Record<Side, Sample[]> }
  | { type: 'progress'; done: number }
  | { type: 'failed'; reason: string }

// A fresh process: does one task of a bench, answers and ends. Its arguments are the bench, the task (`millrace` or `floor`, `pairs` or
// `far`) and, of pairs, how many.
const [name, task, runs = '9'] = process.argv.slice(2)
const started = new Set<ChildProcess>()

const bench = benches.find((candidate) => candidate.name === name)
// Whoever started it has gone: so does it.
process.on('disconnect', () => process.exit(1))
process.on('exit', () => {
  for (const far of started) far.kill('SIGKILL')
})
if (bench === undefined) answer({ type: 'failed', reason: `there is no bench "${String(name)}"` })
else await perform(bench)

async function perform(chosen: Bench): Promise<void> {
  try {
    if (!('samplePairs' in chosen)) return answer({ type: 'sample', sample: await chosen[task as Side]() })
    if (task === 'far') return await chosen.far()
    const samples = await chosen.samplePairs({
      runs: Number(runs),
      startFar: () => startFar(chosen),
      progress: (done) => void process.send?.({ type: 'progress', done } satisfies SampleAnswer),
    })
    answer({ type: 'pairs', samples })
  } catch (error) {
    answer({ type: 'failed', reason: describeError(error) })
  }
}

function startFar(of: PairBench): ChildProcess {
  const child = fork(process.argv[1] ?? '', [of.name, 'far'], {
    execArgv: process.execArgv,
    serialization: 'advanced',
  })
  started.add(child)
  child.on('exit', () => started.delete(child))
  return child
}

function answer(message: SampleAnswer): void {
  if (process.send !== undefined) return void process.send(message, undefined, undefined, () => process.exit(0))
  // Started by hand, say for a profile.
  process.stdout.write(`${JSON.stringify(message)}\n`, () => process.exit(0))
}
