import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'esbuild'
import { afterAll, expect, it } from 'vitest'
import { report } from './report.ts'

interface PlantedBug {
  readonly name: string
  readonly file: string
  readonly sound: string
  readonly broken: string
}

const bugs: readonly PlantedBug[] = [
  {
    name: 'an acknowledgement that is dropped',
    file: 'session.ts',
    sound: 'this.#ring.acknowledge(sequence)',
    broken: 'if (sequence % 3 !== 0) this.#ring.acknowledge(sequence)',
  },
  {
    name: 'a resume that is off by one',
    file: 'session.ts',
    sound: 'this.#written = this.#ring.acknowledged',
    broken: 'this.#written = this.#ring.acknowledged + (this.#ring.size > 0 ? 1 : 0)',
  },
  {
    name: 'credit that is added up instead of told anew',
    file: 'outgoing-channel.ts',
    sound: 'messages: Math.max(credit.messages, this.#credit.messages),',
    broken: 'messages: credit.messages + this.#credit.messages,',
  },
  {
    name: 'a frame that is taken twice',
    file: 'session.ts',
    sound: 'if (sequence <= this.#received) {',
    broken: 'if (sequence < this.#received) {',
  },
  {
    name: 'a large message that goes on where it was cut',
    file: 'outgoing-parts.ts',
    sound: 'this.#offset += part.length',
    broken: 'this.#offset += part.length + 1',
  },
]
const schedules = 3000
const folder = mkdtempSync(join(tmpdir(), 'millrace-planted-'))

afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** The simulation, with one line of the protocol replaced. */
async function plant({ file, sound, broken }: PlantedBug, index: number): Promise<(seed: number) => string[]> {
  const outfile = join(folder, `${index}.mjs`)
  await build({
    entryPoints: [fileURLToPath(new URL('simulation.ts', import.meta.url))],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    logLevel: 'error',
    plugins: [
      {
        name: 'plant',
        setup(plugins) {
          plugins.onLoad({ filter: /protocol[\\/][a-z-]+\.ts$/ }, ({ path }) => {
            if (basename(path) !== file) return undefined
            const text = readFileSync(path, 'utf8')
            if (!text.includes(sound)) throw new Error(`${file} no longer has the line that the bug is planted in`)
            return { contents: text.replace(sound, broken), loader: 'ts' }
          })
        },
      },
    ],
  })
  const module = (await import(/* @vite-ignore */ pathToFileURL(outfile).href)) as typeof import('./simulation.ts')
  return module.simulate
}

it.each(bugs.map((bug, index) => ({ ...bug, index })))('finds $name', async ({ index, ...bug }) => {
  const simulate = await plant(bug, index)
  let seed = 1
  let findings: string[] = []
  while (seed <= schedules && (findings = simulate(seed)).length === 0) seed++
  report('planted bug', { bug: bug.name, foundBySeed: seed, findings: findings.slice(0, 2) })
  expect(findings).not.toEqual([])
})
