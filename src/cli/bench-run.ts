import { type Bench, benches, runBench } from '../lab/index.ts'
import { MillraceError } from '../shared/index.ts'
import { benchHeading, formatBench } from './bench-text.ts'
import { coloursFor } from './colours.ts'
import type { CommandContext } from './command-context.ts'

/** What `millrace bench` can be told. */
export interface BenchOptions {
  json?: true
  runs: number
}

/** Runs benches one after the other and prints each when it is done; answers the exit code. Throws `USAGE` and `BENCH_FAILED`. */
export async function runBenches(names: readonly string[], options: BenchOptions, context: CommandContext) {
  const { console, installation } = context
  const chosen = chooseBenches(names)
  const colours = coloursFor(console)
  const ending = new AbortController()
  let code = 0
  const undo = console.onInterrupt((why) => {
    code = why.code
    ending.abort()
  })
  if (!options.json) console.print(colours.dim(benchHeading))
  try {
    for (const bench of chosen) {
      const outcome = await runBench(bench, {
        file: installation.benchFile,
        runs: options.runs,
        signal: ending.signal,
        progress: (done, all) => console.progress(`${bench.name}: sample ${done + 1} of ${all}`),
      })
      console.progress('')
      console.print(options.json ? JSON.stringify(outcome.result) : formatBench(bench, outcome, colours))
    }
    return 0
  } catch (error) {
    if (ending.signal.aborted) return code
    throw error
  } finally {
    console.progress('')
    undo()
  }
}

/** The benches of these names, in the order of the list; when none is named, all that do not take long. Throws `USAGE` for a name that is not one. */
function chooseBenches(names: readonly string[]): readonly Bench[] {
  const known = benches.map(({ name }) => name)
  const unknown = names.filter((name) => !known.includes(name))
  if (unknown.length > 0)
    throw new MillraceError(
      'USAGE',
      `there is no bench ${unknown.map((name) => `"${name}"`).join(', ')}; known: ${known.join(', ')}`,
    )
  return benches.filter(({ name, isLong }) => (names.length === 0 ? isLong !== true : names.includes(name)))
}
