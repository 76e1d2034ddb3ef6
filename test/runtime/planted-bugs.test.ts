import { createRequire } from 'node:module'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'esbuild'
import { afterAll, expect, it } from 'vitest'

interface PlantedBug {
  readonly name: string
  readonly file: string
  readonly sound: string
  readonly broken: string
  /** What the model says of it. */
  readonly found: RegExp
}

const bugs: readonly PlantedBug[] = [
  {
    name: 'a wire that holds one more than it may',
    file: 'wire.ts',
    sound: 'const fits = this.hasRoomFor(size)',
    broken: 'const fits = this.overflow === 0 && length <= this.capacity',
    found: /wire .+ held \d of \d/,
  },
  {
    name: 'an outbox without a bound',
    file: 'outport.ts',
    sound: 'return overflow < this.capacity &&',
    broken: 'return overflow < this.capacity + 8 &&',
    found: /outbox of .+ held/,
  },
  {
    name: 'a wire that gives its newest message first',
    file: 'wire.ts',
    sound: 'slot.value = ring[at]',
    broken:
      'const last = (2 * (this.#end - 1)) & this.#mask; const newest = ring[last]; ring[last] = ring[at]; ring[at] = newest; slot.value = newest',
    found: /after a later one/,
  },
  {
    name: 'results of parallel runs that are emitted as they come',
    file: 'async-runs.ts',
    sound: 'task.outputs = outputs',
    broken: 'task.outputs = undefined; this.#node.putOutputs(outputs, task.context)',
    found: /after a later one/,
  },
  {
    name: 'a join that runs when one inport has something',
    file: 'intake.ts',
    sound: 'for (const gate of this.#others) if (gate.isEmpty) return false',
    broken: 'for (const gate of this.#others) if (gate.isEmpty) return !this.isEmpty',
    found: /^join/,
  },
  {
    name: 'a join that runs twice for one set',
    file: 'run-loops.ts',
    sound: 'takeSet(node, context.wires, view.slots)\n    handled',
    broken: 'if ((sets & 1) === 0) takeSet(node, context.wires, view.slots)\n    handled',
    found: /done with it 2 times/,
  },
  {
    name: 'a removed wire that takes its messages with it',
    file: 'topology.ts',
    sound: "target.failures.bury(left, 'REMOVED'",
    broken: "target.failures.bury([], 'REMOVED'",
    found: /is nowhere/,
  },
  {
    name: 'a message that is given up without a dead letter',
    file: 'node-failures.ts',
    sound: 'this.giveUp(context, error, attempt)\n    if',
    broken: 'if',
    found: /done with it 0 times and lost it 0 times/,
  },
  {
    name: 'a restarted node that loses what it had in process',
    file: 'async-runs.ts',
    sound: 'if (isWorthIt) return this.#attempt(task, attempt)',
    broken: 'if (isWorthIt) return this.#done(task, undefined)',
    found: /done with it 0 times and lost it 0 times/,
  },
]
const require = createRequire(import.meta.url)
const resolvePackage = (name: string) => pathToFileURL(require.resolve(name)).href
const folder = mkdtempSync(join(tmpdir(), 'millrace-planted-'))

afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** The model, with one line of the runtime replaced. */
async function plant({ file, sound, broken }: PlantedBug): Promise<typeof import('./network-model.ts')> {
  const outfile = join(folder, `${bugs.findIndex((bug) => bug.sound === sound)}.mjs`)
  let planted = 0
  await build({
    entryPoints: [fileURLToPath(new URL('network-model.ts', import.meta.url))],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    logLevel: 'error',
    plugins: [
      {
        name: 'plant',
        setup(plugins) {
          // Packages are as they are, and stay where they are: that halves the time of a build.
          plugins.onResolve({ filter: /^[a-z@]/ }, ({ path }) => {
            return path.includes(':') ? { external: true } : { path: resolvePackage(path), external: true }
          })
          plugins.onLoad({ filter: /src[\\/]runtime[\\/][a-z-]+\.ts$/ }, ({ path }) => {
            if (basename(path) !== file) return undefined
            const text = readFileSync(path, 'utf8')
            planted += text.split(sound).length - 1
            return { contents: text.replace(sound, broken), loader: 'ts' }
          })
        },
      },
    ],
  })
  expect(planted, `places in ${file} that read "${sound}"`).toBe(1)
  return (await import(/* @vite-ignore */ pathToFileURL(outfile).href)) as typeof import('./network-model.ts')
}

it.each(bugs)('the model of a network finds $name', async (bug) => {
  const { findViolation } = await plant(bug)
  expect(await findViolation({ seed: 1, runs: 400 })).toMatch(bug.found)
})
