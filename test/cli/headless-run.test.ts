import { beforeEach, describe, expect, it, vi } from 'vitest'
import { installationAt } from '../../src/cli/installation.ts'
import { runLab, type RunOptions } from '../../src/cli/headless-run.ts'
import type { LabEvent } from '../../src/lab/index.ts'
import { MillraceError, type DeadLetter, type InstanceDescription } from '../../src/shared/index.ts'
import { FakeConsole } from './fake-console.ts'

function deferred() {
  let resolve: () => void = () => {}
  let reject: (error: unknown) => void = () => {}
  const promise = new Promise<void>((fulfil, refuse) => {
    resolve = fulfil
    reject = refuse
  })
  return { promise, resolve, reject }
}

/** A lab whose instances do what the test says. */
class FakeLab {
  starting = deferred()
  closing = deferred()
  calls: string[] = []
  instances: InstanceDescription[] = []
  #listeners = new Set<(event: LabEvent) => void>()

  async startAll(): Promise<void> {
    this.calls.push('startAll')
    return this.starting.promise
  }
  async close(): Promise<void> {
    this.calls.push('close')
    return this.closing.promise
  }
  async abandon(): Promise<void> {
    this.calls.push('abandon')
  }
  dead: { instance: string; letter: DeadLetter }[] = []
  nodeCounts: Record<string, number> = {}

  deadLetters() {
    return this.dead
  }
  metrics() {
    return [
      { instance: 'data/1', nodes: Object.entries(this.nodeCounts).map(([id, deadLetters]) => ({ id, deadLetters })) },
    ]
  }
  bury(node: string, reason: string): void {
    const sequence = this.dead.length + 1
    const letter = { sequence, timeMs: 0, code: 'MESSAGE_INVALID', reason, node, port: 'Input', preview: '1' }
    this.dead.push({ instance: 'data/1', letter })
  }

  describe() {
    return { instances: this.instances }
  }
  summary() {
    return {
      instances: this.instances.map(({ networkId, instanceId }) => ({ networkId, instanceId, state: 'stopped' })),
      links: [],
    }
  }
  subscribe(listener: (event: LabEvent) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }
  get watched(): number {
    return this.#listeners.size
  }
  tell(event: LabEvent): void {
    for (const listener of this.#listeners) listener(event)
  }
  change(change: Partial<InstanceDescription>): void {
    const description: InstanceDescription = {
      instance: 'data/1',
      networkId: 'data',
      instanceId: '1',
      state: 'running',
      isolation: 'thread',
      address: 'h:1',
      graphFile: 'g',
      exports: [],
      restarts: 0,
      nodes: [],
      wires: [],
      ...change,
    }
    this.instances = [description]
    this.tell({ type: 'instance', description })
  }
}

let lab: FakeLab
const opened = vi.hoisted(() => ({ lab: undefined as unknown }))
vi.mock('../../src/lab/index.ts', () => ({ openLab: () => opened.lab }))

beforeEach(() => {
  lab = new FakeLab()
  opened.lab = lab
})

function start(options: RunOptions = {}) {
  const console = new FakeConsole()
  const code = runLab('my.lab.json', options, {
    console,
    installation: installationAt('/out/main'),
    exit: () => undefined,
  })
  return { code, console }
}

async function running(options: RunOptions = {}) {
  const run = start(options)
  lab.starting.resolve()
  await lab.starting.promise
  return run
}

const stopping = 'millrace: stopping; press Ctrl-C again to end at once'

describe('a run without a window', () => {
  it('drains at the first interrupt and leaves with 0', async () => {
    const { code, console } = await running({ json: true })
    console.interrupt()
    await expect.poll(() => lab.calls).toEqual(['startAll', 'close'])
    lab.closing.resolve()
    expect(await code).toBe(0)
    expect(console.printed).toEqual(['{"type":"summary","instances":[],"links":[]}'])
    expect(console.complained).toEqual([stopping])
    expect([lab.watched, console.waiting]).toEqual([0, 0])
  })

  it('ends everything at once at the second interrupt', async () => {
    const { code, console } = await running()
    console.interrupt()
    console.interrupt()
    expect(await code).toBe(130)
    expect(lab.calls).toEqual(['startAll', 'close', 'abandon'])
    expect(console.complained).toEqual([stopping])
    expect(console.printed.join('\n')).toMatch(/^\ninstance +state +received/)
  })

  it('warns of every node with dead letters, after the summary', async () => {
    const { code, console } = await running()
    lab.bury('dashboard', 'not a number\u001b[2J')
    lab.bury('logger', 'x'.repeat(500))
    lab.bury('dashboard', 'another reason')
    lab.nodeCounts = { dashboard: 2, logger: 1_001, other: 0 }
    console.interrupt()
    lab.closing.resolve()
    expect(await code).toBe(0)
    expect(console.complained).toEqual([
      stopping,
      'millrace: warning: data/1 dashboard: 2 dead letters, the first: not a number\\u001b[2J [MESSAGE_INVALID]',
      `millrace: warning: data/1 logger: 1001 dead letters, the oldest kept: ${'x'.repeat(200)}… [MESSAGE_INVALID]`,
    ])
  })

  it('leaves dead letters to the counts of the summary in JSON', async () => {
    const { code, console } = await running({ json: true })
    lab.bury('dashboard', 'not a number')
    console.interrupt()
    lab.closing.resolve()
    await code
    expect(console.complained).toEqual([stopping])
    expect(console.printed).toHaveLength(1)
  })

  it('can be interrupted while it starts', async () => {
    const { code, console } = start()
    console.interrupt()
    lab.closing.resolve()
    expect(await code).toBe(0)
    expect(lab.calls).toEqual(['startAll', 'close'])
  })

  it('stops in order when nobody reads what it prints, and takes no second hint for an interrupt', async () => {
    const { code, console } = await running()
    console.interrupt({ reason: 'reader gone', code: 0 })
    console.interrupt({ reason: 'reader gone', code: 0 })
    lab.closing.resolve()
    expect(await code).toBe(0)
    expect(lab.calls).not.toContain('abandon')
    expect(console.complained).toEqual([])
  })

  it('ends with 1 and the reason when an instance crashes', async () => {
    const { code, console } = await running({ json: true })
    lab.change({ state: 'crashed', reason: 'its thread threw Error: bug' })
    lab.closing.resolve()
    expect(await code).toBe(1)
    expect(console.complained).toEqual(['millrace: instance "data/1" crashed: its thread threw Error: bug'])
    expect(console.printed.map((line) => JSON.parse(line).type)).toEqual(['instance', 'summary'])
    expect(JSON.parse(console.printed[1] ?? '')).toMatchObject({ instances: [{ networkId: 'data', state: 'crashed' }] })
  })

  it('names the instance that could not start, after all have been tried', async () => {
    const { code, console } = start()
    lab.change({ state: 'failed', reason: 'port 9001 is in use [PORT_IN_USE]' })
    expect(lab.calls).toEqual(['startAll'])
    lab.starting.reject(new MillraceError('PORT_IN_USE', 'port 9001 is in use'))
    lab.closing.resolve()
    expect(await code).toBe(1)
    expect(console.complained).toEqual(['millrace: instance "data/1" failed: port 9001 is in use [PORT_IN_USE]'])
  })

  it('says what kept the lab from starting when it is no instance’s fault', async () => {
    const { code, console } = start()
    lab.starting.reject(new MillraceError('NOT_TRUSTED', 'not trusted'))
    lab.closing.resolve()
    expect(await code).toBe(1)
    expect(console.complained).toEqual(['millrace: not trusted [NOT_TRUSTED]'])
  })

  it('ends in order when its time is over', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    try {
      const { code, console } = await running({ for: 20_000 })
      await vi.advanceTimersByTimeAsync(19_999)
      expect(lab.calls).not.toContain('close')
      await vi.advanceTimersByTimeAsync(1)
      expect(lab.calls).toContain('close')
      await vi.advanceTimersByTimeAsync(999)
      expect(console.complained).toEqual([])
      // Draining takes long enough to wonder what it does.
      await vi.advanceTimersByTimeAsync(1)
      expect(console.complained).toEqual([stopping])
      lab.closing.resolve()
      expect(await code).toBe(0)
      expect(vi.getTimerCount()).toBe(0)
    } finally {
      vi.useRealTimers()
    }
  })

  it.each([
    ['once it has been announced', 1_000, 1],
    ['at the second, before it has been announced', 999, 2],
  ])('ends a drain after the time at an interrupt %s', async (_when, drainedMs, interrupts) => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    try {
      const { code, console } = await running({ for: 20 })
      await vi.advanceTimersByTimeAsync(20)
      await vi.advanceTimersByTimeAsync(drainedMs)
      for (let count = 1; count < interrupts; count++) console.interrupt()
      expect(console.complained).toEqual([stopping])
      expect(lab.calls).not.toContain('abandon')
      console.interrupt()
      expect(await code).toBe(130)
      expect(lab.calls).toContain('abandon')
    } finally {
      vi.useRealTimers()
    }
  })

  it('prints log lines as text or as JSON', async () => {
    const entry = { sequence: 1, timeMs: 0, level: 'info' as const, instance: 'data/1', text: 'hello' }
    const asText = await running()
    lab.tell({ type: 'log', entry })
    expect(asText.console.printed[0]).toMatch(/info {2}data\/1 {2}hello$/)
    lab.closing.resolve()
    asText.console.interrupt()
    await asText.code
    const asJson = await running({ json: true })
    lab.tell({ type: 'log', entry })
    expect(asJson.console.printed).toEqual([JSON.stringify({ type: 'log', ...entry })])
    asJson.console.interrupt()
    await asJson.code
  })
})
