import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { showInDesktop } from '../../src/cli/desktop.ts'
import { installationAt } from '../../src/cli/installation.ts'
import { FakeConsole } from './fake-console.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'millrace-runtime-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** Starts a program in the place of Electron; it stands in for one that runs, fails or crashes. */
function show(script: string, env: Record<string, string> = { DISPLAY: ':0' }) {
  const executable = path.join(folder, 'electron')
  writeFileSync(executable, `#!${process.execPath}\n${script}\n`)
  chmodSync(executable, 0o755)
  const console = new FakeConsole({ ...env, ELECTRON_EXEC_PATH: executable, PATH: process.env['PATH'] })
  const installation = installationAt('/app/out/main')
  const outcome = showInDesktop(
    { file: '/my.lab.json', portBase: 19_000 },
    { console, installation, exit: () => undefined },
  )
  return { outcome, console }
}

const ready = 'console.error(process.env.MILLRACE_READY_LINE);'

describe.skipIf(process.platform === 'win32')('showing a lab in the desktop', () => {
  it('hands over the lab behind the marker and answers the exit code', async () => {
    const expected = ['/app', '--', '/my.lab.json', '--port-base', '19000']
    const given = `process.argv.filter((text, index) => index > 1 && text !== '--no-sandbox')`
    const { outcome } = show(
      `${ready} process.exitCode = JSON.stringify(${given}) === '${JSON.stringify(expected)}' ? 7 : 1`,
    )
    expect(await outcome).toEqual({ type: 'closed', code: 7 })
  })

  it('passes our own lines on and keeps the runtime’s chatter to itself', async () => {
    const { outcome, console } = show(
      `${ready} console.error('[1:ERROR:bus.cc] no bus'); console.error('millrace: a lab failed')`,
    )
    expect(await outcome).toEqual({ type: 'closed', code: 0 })
    expect(console.complained.filter((line) => !line.includes('--no-sandbox'))).toEqual(['millrace: a lab failed'])
  })

  it.each([
    ['ends before it is ready', 'process.exitCode = 127', 'it ended with code 127'],
    ['is killed before it is ready', `process.kill(process.pid, 'SIGKILL')`, 'it ended by SIGKILL'],
  ])('says why there is no window when the runtime %s', async (_how, script, reason) => {
    expect(await show(script).outcome).toEqual({
      type: 'unavailable',
      reason: `the desktop runtime does not start here (${reason})`,
    })
  })

  it('takes a failure that was said for the end, not for a missing runtime', async () => {
    const { outcome } = show(`console.error('millrace: a.lab.json:1:1: bad [FILE_INVALID]'); process.exitCode = 1`)
    expect(await outcome).toEqual({ type: 'closed', code: 1 })
  })

  it('says that a window crashed', async () => {
    const { outcome, console } = show(`${ready} process.kill(process.pid, 'SIGKILL')`)
    expect(await outcome).toEqual({ type: 'closed', code: 1 })
    expect(console.complained).toContain('millrace: the desktop window crashed: it ended by SIGKILL')
  })

  it('opens nothing else when it is interrupted before it is ready', async () => {
    const { outcome, console } = show('setInterval(() => {}, 1000)')
    await expect.poll(() => console.waiting).toBe(1)
    console.interrupt()
    expect(await outcome).toEqual({ type: 'closed', code: 0 })
  })

  it.runIf(process.platform === 'linux')('asks for no runtime where there is no display', async () => {
    expect(await show('', {}).outcome).toMatchObject({
      type: 'unavailable',
      reason: expect.stringContaining('no display'),
    })
  })
})
