import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { askRunningLab, openLab, type Lab } from '../../src/lab/index.ts'
import { controlPath, type ControlRequest } from '../../src/lab/lab-control.ts'
import { lockFileOf } from '../../src/lab/lab-lock.ts'
import { graph } from '../graph/fixtures.ts'

const instance = 'n/1'
let folder: string
let file: string
let lab: Lab

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'millrace-control-'))
  file = path.join(folder, 'a.lab.json')
  const keeper: [string, Record<string, unknown>] = ['DistributedLogger', { millrace: { persist: true } }]
  writeFileSync(path.join(folder, 'g.graph.json'), JSON.stringify(graph({ keeper }, [])))
  const [networkId, instanceId] = instance.split('/')
  const tokens = { authToken: '${env:OLD}', acceptTokens: ['${env:OTHER}'] }
  const entry = { networkId, instanceId, graph: 'g.graph.json', isolation: 'inline', bindPort: 0, ...tokens }
  writeFileSync(file, JSON.stringify({ millrace: 1, instances: [entry] }))
  const env = { OLD: 'mr1_old_0123456789abcdef', OTHER: 'unnamed' }
  lab = openLab({ file, door: 'none', workerFile: 'none', consent: 'granted', stateDir: folder, env })
})
afterEach(async () => {
  await lab.abandon()
  rmSync(folder, { recursive: true })
})

function ask(request: ControlRequest): Promise<string[]> {
  return askRunningLab({ file, stateDir: folder }, request)
}

describe('a lab that runs', () => {
  it('takes and retires tokens for another process, and keeps them when its instance starts again', async () => {
    await lab.startAll()
    expect(await ask({ command: 'tokens', instance })).toEqual(['old', 'token-1'])
    const token = 'mr1_new_0123456789abcdef'
    expect(await ask({ command: 'addToken', instance, token })).toEqual(['old', 'token-1', 'new'])
    expect(await ask({ command: 'retireToken', instance, key: 'old' })).toEqual(['token-1', 'new'])
    await lab.stop(instance)
    await expect(ask({ command: 'tokens', instance })).rejects.toMatchObject({ code: 'INSTANCE_STATE' })
    await lab.start(instance)
    expect(await ask({ command: 'retireToken', instance, key: 'token-1' })).toEqual(['new'])
    await expect(ask({ command: 'retireToken', instance, key: 'new' })).rejects.toMatchObject({ code: 'TOKEN_MISSING' })
  })

  it('says which instance, key or peer it does not know', async () => {
    await lab.startAll()
    const unknown = [
      [{ command: 'tokens', instance: 'n/2' }, 'INSTANCE_UNKNOWN', 'n/2'],
      [{ command: 'retireToken', instance, key: 'new' }, 'TOKEN_UNKNOWN', 'it accepts old, token-1'],
      [{ command: 'dialWith', instance, endpoint: '127.0.0.1:1', token: 'x' }, 'PEER_UNKNOWN', '127.0.0.1:1'],
    ] as const
    for (const [request, code, text] of unknown)
      await expect(ask(request)).rejects.toMatchObject({ code, message: expect.stringContaining(text) })
  })

  it('is reached by nobody else, answers nonsense with an error, and by nobody once it has stopped', async () => {
    await lab.startAll()
    const place = controlPath(lockFileOf(file, undefined, folder))
    if (process.platform !== 'win32') expect(statSync(place).mode & 0o077).toBe(0)
    const said = await new Promise<string>((resolve) => {
      const socket = connect(place)
      socket.setEncoding('utf8').once('data', resolve).write('{"command":"exec"}\n')
    })
    expect(said).toContain('"code":"USAGE"')
    await lab.stopAll()
    await expect(ask({ command: 'tokens', instance })).rejects.toMatchObject({ code: 'LAB_NOT_RUNNING' })
    expect(existsSync(place)).toBe(false)
  })
})
