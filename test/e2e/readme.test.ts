import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { expect, it } from 'vitest'

const readme = readFileSync('README.md', 'utf8')

it("runs the README's own actor as it stands there", async () => {
  const program = /```js\n(?<code>[\s\S]*?)```/.exec(readme)?.groups?.['code'] ?? ''
  const folder = mkdtempSync(path.join(tmpdir(), 'millrace-readme-'))
  execFileSync('mkdir', ['-p', path.join(folder, 'node_modules')])
  symlinkSync(process.cwd(), path.join(folder, 'node_modules/millrace'), 'dir')
  writeFileSync(path.join(folder, 'hello.mjs'), program)
  const child = spawn(process.execPath, ['hello.mjs'], { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] })
  const lines: string[] = []
  for await (const line of createInterface({ input: child.stdout })) {
    lines.push(line)
    if (lines.length === 2) child.kill()
  }
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  rmSync(folder, { recursive: true })
  expect(lines.slice(0, 2)).toEqual(['double got 1', 'double got 2'])
})
