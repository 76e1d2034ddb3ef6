import { fork } from 'node:child_process'
import { MillraceError } from '../../shared/index.ts'
import type { Bench, BenchRun, LocalBench, PairBench, Sample, Side } from './bench.ts'
import type { SampleAnswer } from './sample-process.ts'

/** A process that says nothing for so long hangs. */
const longestMs = 120_000

/**
 * Takes one sample in a fresh process. Ends it when the signal aborts.
 *
 * @throws MillraceError `BENCH_FAILED` with what the process said last.
 */
export async function takeSample(file: string, bench: LocalBench, side: Side, signal: AbortSignal): Promise<Sample> {
  const answer = await ask(bench, [file, side], { signal, progress: () => undefined })
  if (answer.type === 'sample') return answer.sample
  throw failure(bench, side, 'it answered something else')
}

/** Takes all samples of both sides in one pair of processes. @throws MillraceError `BENCH_FAILED`. */
export async function takePairs(bench: PairBench, { file, runs, signal, progress }: BenchRun) {
  const count = Math.max(runs, bench.leastRuns)
  progress(0, 2 * count)
  const answer = await ask(bench, [file, 'pairs', String(count)], {
    signal,
    progress: (done) => progress(2 * done, 2 * count),
  })
  if (answer.type === 'pairs') return answer.samples
  throw failure(bench, 'pairs', 'it answered something else')
}

function ask(
  bench: Bench,
  [file, task, ...rest]: readonly [file: string, task: string, ...string[]],
  { signal, progress }: { signal: AbortSignal; progress: (done: number) => void },
): Promise<SampleAnswer> {
  // Memory is measured after a full collection, which has to be asked for.
  const child = fork(file, [bench.name, task, ...rest], {
    execArgv: ['--expose-gc'],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    serialization: 'advanced',
  })
  let complaint = ''
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (complaint = (complaint + text).slice(-2_000)))
  const end = () => void child.kill('SIGKILL')
  signal.addEventListener('abort', end)
  let isLate = false
  const patience = setTimeout(() => {
    isLate = true
    end()
  }, longestMs)
  let answer: SampleAnswer | undefined
  child.on('message', (message) => {
    const said = message as SampleAnswer
    patience.refresh()
    if (said.type === 'progress') progress(said.done)
    else answer = said
  })
  return new Promise<SampleAnswer>((resolve, reject) => {
    const fail = (why: string) => reject(failure(bench, task, why))
    child.on('error', (error) => fail(error.message))
    child.on('close', (code, killedBy) => {
      if (answer?.type === 'failed') fail(answer.reason)
      else if (answer !== undefined) resolve(answer)
      else if (isLate) fail(`it said nothing for ${longestMs / 1_000} s`)
      else fail(`its process ended with ${killedBy ?? `exit code ${code}`}${lastLine(complaint)}`)
    })
  }).finally(() => {
    clearTimeout(patience)
    signal.removeEventListener('abort', end)
  })
}

function failure(bench: Bench, task: string, why: string): MillraceError {
  return new MillraceError('BENCH_FAILED', `bench "${bench.name}" (${task}) failed: ${why}`)
}

function lastLine(text: string): string {
  const line = text.trim().split('\n').at(-1) ?? ''
  return line === '' ? '' : `: ${line}`
}
