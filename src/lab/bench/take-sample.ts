import { fork } from 'node:child_process'
import { MillraceError } from '../../shared/index.ts'
import type { Bench, Sample, Side } from './bench.ts'
import type { SampleAnswer } from './sample-process.ts'

/** A sample that takes longer hangs. */
const longestMs = 120_000

/**
 * Takes one sample in a fresh process. Ends it when the signal aborts.
 *
 * @throws MillraceError `BENCH_FAILED` with what the process said last.
 */
export function takeSample(file: string, bench: Bench, side: Side, signal: AbortSignal): Promise<Sample> {
  // Memory is measured after a full collection, which has to be asked for.
  const child = fork(file, [bench.name, side], {
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
  child.on('message', (message) => (answer = message as SampleAnswer))
  return new Promise<Sample>((resolve, reject) => {
    const fail = (why: string) =>
      reject(new MillraceError('BENCH_FAILED', `bench "${bench.name}" (${side}) failed: ${why}`))
    child.on('error', (error) => fail(error.message))
    child.on('close', (code, killedBy) => {
      if (answer?.type === 'sample') resolve(answer.sample)
      else if (answer !== undefined) fail(answer.reason)
      else if (isLate) fail(`it gave no answer within ${longestMs / 1_000} s`)
      else fail(`its process ended with ${killedBy ?? `exit code ${code}`}${lastLine(complaint)}`)
    })
  }).finally(() => {
    clearTimeout(patience)
    signal.removeEventListener('abort', end)
  })
}

function lastLine(text: string): string {
  const line = text.trim().split('\n').at(-1) ?? ''
  return line === '' ? '' : `: ${line}`
}
