import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, expect, it } from 'vitest'

const repository = path.resolve('.')
let folder: string
const children: ChildProcess[] = []

/**
 * Packs the package and installs it as npm would, but without a registry: what it declares as dependencies, and nothing else, is
 * linked from here.
 */
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'millrace-library-'))
  execFileSync('npm', ['pack', '--ignore-scripts', '--silent', '--pack-destination', folder], { cwd: repository })
  const archive = readdirSync(folder).find((name) => name.endsWith('.tgz'))
  const modules = path.join(folder, 'node_modules')
  mkdirSync(path.join(modules, 'millrace'), { recursive: true })
  execFileSync('tar', [
    '-xzf',
    path.join(folder, archive ?? ''),
    '-C',
    path.join(modules, 'millrace'),
    '--strip-components=1',
  ])
  const installed = JSON.parse(readFileSync(path.join(modules, 'millrace', 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>
  }
  for (const name of [...Object.keys(installed.dependencies), '@types/node']) {
    mkdirSync(path.dirname(path.join(modules, name)), { recursive: true })
    symlinkSync(path.join(repository, 'node_modules', name), path.join(modules, name), 'junction')
  }
  cpSync(path.join(repository, 'test/e2e/fixtures/tutorial'), path.join(folder, 'src'), { recursive: true })
  writeFileSync(path.join(folder, 'package.json'), '{"type":"module"}')
  const compilerOptions = {
    target: 'ES2023',
    module: 'NodeNext',
    moduleResolution: 'NodeNext',
    strict: true,
    types: ['node'],
    outDir: 'out',
    rootDir: 'src',
    skipLibCheck: true,
  }
  writeFileSync(path.join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['src'] }))
})
afterAll(() => {
  for (const child of children) child.kill('SIGKILL')
  rmSync(folder, { recursive: true, force: true })
})

/** Runs a compiled program; lines can be waited for. */
function run(name: string, ...args: string[]) {
  const child = spawn(process.execPath, [path.join(folder, 'out', `${name}.js`), ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  children.push(child)
  const lines: string[] = []
  const waiters = new Set<() => void>()
  for (const stream of [child.stdout, child.stderr])
    createInterface({ input: stream }).on('line', (line) => {
      lines.push(line)
      for (const wake of waiters) wake()
    })
  let isOver = false
  const ended = new Promise<number | null>((resolve) => {
    child.once('close', (code) => {
      isOver = true
      for (const wake of waiters) wake()
      resolve(code)
    })
  })
  const line = async (pattern: RegExp): Promise<string> => {
    for (;;) {
      const found = lines.map((text) => pattern.exec(text)).find((match) => match !== null)
      if (found) return found[1] ?? found[0]
      if (isOver) throw new Error(`${name} ended without ${String(pattern)}:\n${lines.join('\n')}`)
      await new Promise<void>((resolve) => {
        const wake = () => {
          waiters.delete(wake)
          resolve()
        }
        waiters.add(wake)
      })
    }
  }
  return { line, stop: () => (child.kill('SIGTERM'), ended) }
}

it("builds and runs the tutorial's programs from the packed package, with its types", async () => {
  const compiler = path.join(repository, 'node_modules/typescript/bin/tsc')
  let faults = ''
  try {
    execFileSync(process.execPath, [compiler, '-p', folder], { encoding: 'utf8' })
  } catch (error) {
    faults = (error as { stdout: string }).stdout
  }
  expect(faults).toBe('')
  const data = run('data')
  const ml = run('ml', await data.line(/^address (.+)/))
  expect(await ml.line(/^exports (.+)/)).toBe('data_processor')
  await ml.line(/^ping true/)
  const api = run('api', await ml.line(/^address (.+)/))
  await api.line(/^prediction \{"prediction":\{"id":"asked","sum":42\}\}/)
  // r1 has the features 1 and 2: three times each and one more makes 4 and 7. Whichever record comes, its sum is 9n + 2.
  const record = /^prediction \{"prediction":\{"id":"r(\d+)","sum":(\d+)\}\}/
  const sum = await api.line(new RegExp(record.source.replace('(\\d+)"', '\\d+"')))
  expect((Number(sum) - 2) % 9).toBe(0)
  await api.line(/^refused NOT_EXPORTED/)
  await api.line(/^remotes 1/)
  await data.line(/logger: .*processed r1/)
  expect(await api.stop()).toBe(0)
  expect(await ml.stop()).toBe(0)
  expect(await data.stop()).toBe(0)
})
