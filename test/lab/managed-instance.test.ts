import { beforeEach, describe, expect, it } from 'vitest'
import type { HostEvents, InstanceHost } from '../../src/lab/instance-host.ts'
import type { ToInstance } from '../../src/lab/instance-protocol.ts'
import { CrashBackOff } from '../../src/lab/crash-back-off.ts'
import { ManagedInstance } from '../../src/lab/managed-instance.ts'
import { specOf } from '../contract/instance-host.ts'

/** A host that does only what a test tells it to. */
class HandHost implements InstanceHost {
  readonly isolation = 'thread'
  readonly posted: ToInstance[] = []
  readonly #events: HostEvents
  #isGone = false

  constructor(events: HostEvents) {
    this.#events = events
  }

  post(message: ToInstance): void {
    this.posted.push(message)
  }

  async terminate(): Promise<void> {
    await Promise.resolve()
    this.end(undefined)
  }

  load(): void {
    this.#events.message({ type: 'loaded' })
  }

  started(): void {
    this.#events.message({ type: 'started', address: '127.0.0.1:1' })
  }

  failed(message: string): void {
    this.#events.message({ type: 'failed', error: { code: 'PORT_IN_USE', message } })
  }

  stopped(left: number): void {
    this.#events.message({ type: 'stopped', left })
  }

  end(cause: string | undefined): void {
    if (this.#isGone) return
    this.#isGone = true
    this.#events.exit(cause)
  }
}

let hosts: HandHost[]
let log: string[]
let managed: ManagedInstance
beforeEach(() => {
  hosts = []
  log = []
  managed = new ManagedInstance({
    name: 'a/1',
    spec: () => specOf(),
    makeHost(events) {
      const host = new HandHost(events)
      hosts.push(host)
      return host
    },
    restartAfterCrash: false,
    log: (_level, text) => log.push(text),
    onLogs: () => undefined,
    onSpans: () => undefined,
    onMetrics: () => undefined,
    onChange: () => undefined,
  })
})

async function start(): Promise<HandHost> {
  const starting = managed.start()
  const host = hosts.at(-1)!
  host.load()
  host.started()
  await starting
  return host
}

describe('a managed instance', () => {
  it('starts, drains and stops', async () => {
    const host = await start()
    expect(managed).toMatchObject({ state: 'running', address: '127.0.0.1:1' })
    const stopping = managed.stop(1_000)
    expect(managed.state).toBe('stopping')
    expect(host.posted.at(-1)).toEqual({ type: 'stop', drainMs: 1_000 })
    host.stopped(0)
    await stopping
    expect(managed).toMatchObject({ state: 'stopped', reason: undefined, address: undefined })
  })

  it('stays stopped when it was stopped while it started, whatever arrives late', async () => {
    const starting = managed.start()
    const host = hosts[0]!
    const stopping = managed.stop(1_000)
    host.load()
    host.started()
    await stopping
    await expect(starting).rejects.toMatchObject({ code: 'INSTANCE_STATE' })
    expect(managed.state).toBe('stopped')
    host.started()
    expect(managed.state).toBe('stopped')
    expect(host.posted).toEqual([])
    await start()
    expect(managed.state).toBe('running')
  })

  it('says why it could not start, and can be started again', async () => {
    const starting = managed.start()
    hosts[0]!.load()
    hosts[0]!.failed('port 9001 is in use')
    await expect(starting).rejects.toMatchObject({
      code: 'PORT_IN_USE',
      message: 'instance "a/1": port 9001 is in use',
    })
    expect(managed).toMatchObject({ state: 'failed', reason: expect.stringContaining('port 9001') as string })
    await start()
    expect(managed).toMatchObject({ state: 'running', reason: undefined })
  })

  it('names the cause of a crash', async () => {
    const host = await start()
    host.end('its thread ran out of memory')
    expect(managed).toMatchObject({ state: 'crashed', reason: 'its thread ran out of memory' })
    await managed.stop(0)
    expect(managed.state).toBe('stopped')
  })

  it('does not hide a crash that happens while it drains', async () => {
    const host = await start()
    const stopping = managed.stop(1_000)
    host.end('its process ended with signal SIGSEGV')
    await stopping
    expect(managed).toMatchObject({ state: 'crashed', reason: expect.stringContaining('SIGSEGV') as string })
    expect(log.join('\n')).toContain('SIGSEGV')
  })

  it('answers every request that was under way when it ends', async () => {
    const host = await start()
    const send = () => managed.send('node', 'Input', { type: 'Flow' })
    const sent = send()
    host.end('gone')
    await expect(sent).rejects.toMatchObject({ code: 'INSTANCE_CRASHED' })
    await expect(send()).rejects.toMatchObject({ code: 'INSTANCE_STATE' })
  })

  it('restarts once when it is asked twice', async () => {
    const host = await start()
    const both = Promise.all([managed.restart(1_000), managed.restart(1_000)])
    host.stopped(0)
    while (hosts.length < 2) await Promise.resolve()
    hosts[1]!.load()
    hosts[1]!.started()
    await both
    expect(hosts).toHaveLength(2)
    expect(managed.state).toBe('running')
  })
})

it('waits longer after each crash and gives up after five in a minute', () => {
  let now = 0
  const backOff = new CrashBackOff({ monotonicMs: () => now, random: () => 1 })
  expect([1, 2, 3, 4, 5].map(() => backOff.next())).toEqual([500, 1_000, 2_000, 4_000, undefined])
  now = 60_001
  expect(backOff.next()).toBe(500)
})
