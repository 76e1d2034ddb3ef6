import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openLab, type Lab } from '../../src/lab/index.ts'
import { defaultStatesFolder } from '../../src/lab/kept-states/states-folder.ts'
import { graph } from '../graph/fixtures.ts'

let folder: string
let other: ChildProcess
let labs: Lab[]
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'millrace-lock-'))
  other = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' })
  labs = []
})
afterEach(async () => {
  other.kill('SIGKILL')
  for (const lab of labs) await lab.abandon()
  rmSync(folder, { recursive: true })
})

function open(options: Record<string, unknown> = {}, bindPort = 0): { lab: Lab; lock: string } {
  const file = path.join(folder, 'a.lab.json')
  writeFileSync(path.join(folder, 'g.graph.json'), JSON.stringify(graph({ log: 'DistributedLogger', ...options }, [])))
  const instance = { networkId: 'n', instanceId: '1', graph: 'g.graph.json', isolation: 'inline', bindPort }
  writeFileSync(file, JSON.stringify({ millrace: 1, instances: [instance] }))
  const lab = openLab({ file, door: 'none', workerFile: 'none', consent: 'granted', stateDir: folder })
  labs.push(lab)
  return { lab, lock: `${defaultStatesFolder(file, undefined, folder)}.lock` }
}

/** As another process would leave it. */
function takenBy(pid: number | undefined, lock: string, more: Record<string, unknown> = {}): void {
  mkdirSync(path.dirname(lock), { recursive: true })
  writeFileSync(lock, JSON.stringify({ pid, door: 'shown in the browser', sinceMs: 0, ...more }))
}

const persists = { keeper: ['DistributedLogger', { millrace: { persist: true } }] }

describe('a lab that another process runs', () => {
  it('is shown, but not started: it says which one, and the way out', async () => {
    const { lab, lock } = open(persists)
    takenBy(other.pid, lock)
    await expect(lab.startAll()).rejects.toMatchObject({
      code: 'LAB_IN_USE',
      message: expect.stringMatching(new RegExp(`process ${other.pid} .*--port-base`, 'u')),
    })
    expect(lab.describe().instances).toMatchObject([{ state: 'stopped' }])
  })

  it('is told with the ports that it has there', async () => {
    const { lab, lock } = open({}, 9001)
    takenBy(other.pid, lock)
    await expect(lab.startAll()).rejects.toThrow(/a\.lab\.json runs already and has port 9001 of n\/1: process/u)
  })

  it('is taken over once that one is gone, even by force, or its number is another program’s', async () => {
    const { lab, lock } = open(persists)
    takenBy(other.pid, lock, { began: '1' })
    await lab.startAll()
    await lab.stopAll()
    expect(existsSync(lock)).toBe(false)

    takenBy(other.pid, lock)
    other.kill('SIGKILL')
    await once(other, 'exit')
    await lab.startAll()
    expect(existsSync(lock)).toBe(true)
    writeFileSync(lock, 'half of a')
    await lab.close()
  })

  it('runs beside it where neither gets in the way of the other', async () => {
    const { lab, lock } = open()
    takenBy(other.pid, lock)
    await lab.startAll()
    expect(lab.describe().instances).toMatchObject([{ state: 'running' }])
  })
})
