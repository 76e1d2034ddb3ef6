import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { hasDisplay } from '../../src/cli/display.ts'
import { findElectron } from '../../src/cli/electron-runtime.ts'
import { FakeConsole } from './fake-console.ts'

let root: string
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'millrace-electron-'))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

function installPackage(installer: string): string {
  const folder = path.join(root, 'node_modules/electron')
  mkdirSync(path.join(folder, 'dist'), { recursive: true })
  writeFileSync(path.join(root, 'package.json'), '{}')
  writeFileSync(path.join(folder, 'package.json'), '{"name":"electron","version":"0.0.0"}')
  writeFileSync(path.join(folder, 'install.js'), installer)
  return folder
}

const unpack = `const fs = require('node:fs'); fs.writeFileSync(__dirname + '/dist/electron', ''); fs.writeFileSync(__dirname + '/path.txt', 'electron')`

describe('findElectron', () => {
  it('takes the runtime that ELECTRON_EXEC_PATH names, and no other when it is not there', async () => {
    const folder = installPackage(unpack)
    expect(await findElectron(root, new FakeConsole({ ELECTRON_EXEC_PATH: folder }))).toEqual({
      type: 'found',
      executable: folder,
    })
    const missing = await findElectron(root, new FakeConsole({ ELECTRON_EXEC_PATH: '/nowhere/electron' }))
    expect(missing).toEqual({ type: 'missing', reason: 'ELECTRON_EXEC_PATH names /nowhere/electron, where nothing is' })
  })

  it('says that the package is not installed', async () => {
    writeFileSync(path.join(root, 'package.json'), '{}')
    expect(await findElectron(root, new FakeConsole())).toEqual({
      type: 'missing',
      reason: 'the package "electron" is not installed',
    })
  })

  it('fetches the runtime once, and says so', async () => {
    const folder = installPackage(unpack)
    const executable = path.join(folder, 'dist/electron')
    const first = new FakeConsole()
    expect(await findElectron(root, first)).toEqual({ type: 'found', executable })
    expect(first.complained).toEqual([expect.stringContaining('fetching the desktop runtime')])
    const second = new FakeConsole()
    expect(await findElectron(root, second)).toEqual({ type: 'found', executable })
    expect(second.complained).toEqual([])
  })

  it('gives the reason when the runtime cannot be fetched', async () => {
    installPackage(`console.error('    at somewhere\\nRequestError: getaddrinfo ENOTFOUND example'); process.exit(1)`)
    expect(await findElectron(root, new FakeConsole())).toEqual({
      type: 'missing',
      reason: 'the desktop runtime could not be fetched (getaddrinfo ENOTFOUND example)',
    })
  })

  it('stops fetching when it is interrupted', async () => {
    installPackage(`setInterval(() => {}, 1000); console.error('begun')`)
    const console = new FakeConsole()
    const found = findElectron(root, console)
    expect(console.waiting).toBe(1)
    console.interrupt()
    expect(await found).toEqual({ type: 'interrupted', code: 130 })
    expect(console.waiting).toBe(0)
  })
})

describe('hasDisplay', () => {
  it('asks for X or Wayland on Linux alone', () => {
    expect(hasDisplay('linux', {})).toBe(false)
    expect(hasDisplay('linux', { DISPLAY: ':0' })).toBe(true)
    expect(hasDisplay('linux', { WAYLAND_DISPLAY: 'wayland-0' })).toBe(true)
    expect(hasDisplay('darwin', {})).toBe(true)
    expect(hasDisplay('win32', {})).toBe(true)
  })
})
