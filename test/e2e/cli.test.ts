import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { freePortBase, holdPort, millrace, MillraceProcess } from './fixtures/millrace-process.ts'

const tutorial = path.resolve('resources/examples/ml-pipeline/tutorial.lab.json')
const portsOfTutorial = [1, 2, 3, 80]

let folder: string
let env: Record<string, string>
const running: MillraceProcess[] = []
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'millrace-cli-'))
  env = { XDG_CONFIG_HOME: path.join(folder, 'config') }
})
afterEach(async () => {
  for (const run of running.splice(0)) await run.interrupt('SIGKILL')
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function start(...args: string[]): MillraceProcess {
  const run = new MillraceProcess(args, { env })
  running.push(run)
  return run
}

/** A lab of one instance that counts up in a process or thread of its own. */
function tickingLab(isolation: 'thread' | 'process', [component, port] = ['DistributedLogger', 'Input']): string {
  const edge = (nodeId: string, portId: string) => ({
    nodeId,
    portId,
    portName: '',
    expose: false,
    portType: { type: 'any' },
  })
  const graph = {
    caseSensitive: true,
    properties: { name: 'ticking' },
    processes: {
      trigger: { id: 'trigger', component: 'Interval', metadata: { intervalMs: 20, value: 'count' } },
      logger: { id: 'logger', component },
    },
    connections: [{ from: edge('trigger', 'Output'), to: edge('logger', port) }],
  }
  writeFileSync(path.join(folder, 'ticking.graph.json'), JSON.stringify(graph))
  const file = path.join(folder, `ticking-${isolation}.lab.json`)
  const instance = { networkId: 'ticking', instanceId: '1', bindPort: 0, graph: 'ticking.graph.json', isolation }
  writeFileSync(file, JSON.stringify({ millrace: 1, instances: [instance] }))
  return file
}

describe('millrace run', () => {
  it('runs the tutorial on moved ports, answers predictions, and ends with a summary', async () => {
    const base = await freePortBase(portsOfTutorial)
    const run = start('run', tutorial, '--json', '--port-base', String(base))
    await run.line(/Updated prediction model/)
    const features = [0.1, 0.9, 0.2, 0.8, 0.3, 0.7, 0.4, 0.6, 0.5, 0.55]
    const response = await fetch(`http://127.0.0.1:${base + 80}/predict`, {
      method: 'POST',
      body: JSON.stringify({ features }),
      headers: { 'content-type': 'application/json' },
    })
    const answer = (await response.json()) as { prediction: number }
    expect(Math.abs(answer.prediction - features.reduce((sum, value) => sum + value) / 10)).toBeLessThan(0.01)
    expect(await run.interrupt()).toBe(0)
    const summary = run.json().at(-1) as {
      type: string
      instances: Record<string, unknown>[]
      links: Record<string, unknown>[]
    }
    expect(summary.type).toBe('summary')
    expect(summary.instances).toHaveLength(3)
    for (const instance of summary.instances) {
      expect(instance).toMatchObject({ state: 'stopped', errors: 0, deadLetters: 0 })
      expect(instance['received']).toBeGreaterThan(0)
    }
    for (const link of summary.links) expect(link).toMatchObject({ lost: 0, duplicated: 0, received: link['sent'] })
  })

  it('stops by itself when its time is over', async () => {
    const { code, json } = await millrace(['run', tickingLab('thread'), '--for', '500ms', '--json'], env)
    expect(code).toBe(0)
    expect(json().at(-1)).toMatchObject({
      type: 'summary',
      instances: [{ networkId: 'ticking', instanceId: '1', state: 'stopped' }],
    })
  })

  it('prints a table for a person', async () => {
    const { code, stdout } = await millrace(['run', tickingLab('thread'), '--for', '300ms'], env)
    expect(code).toBe(0)
    expect(stdout.join('\n')).toMatch(/instance +state +received[^\n]*\nticking\/1 +stopped/)
    expect(stdout.join('\n')).not.toContain('\u001b')
  })

  it('warns of a node that takes none of its messages', async () => {
    const lab = tickingLab('thread', ['Dashboard', 'Monitoring'])
    const run = start('run', lab)
    const address = /peers reach it at (\S+)/.exec(await run.line(/peers reach it at/))?.[1] ?? ''
    await expect
      .poll(async () => await (await fetch(`http://${address}/metrics`)).text())
      .toMatch(/dead_letters\S*\{[^}]*\} [1-9]/)
    expect(await run.interrupt()).toBe(0)
    expect(run.stderr).toEqual([
      'millrace: stopping; press Ctrl-C again to end at once',
      expect.stringMatching(/^millrace: warning: ticking\/1 logger: \d+ dead letters, the first: .+ \[[A-Z_]+\]$/),
    ])
  })

  it('names the port in use and its instance in one line', async () => {
    const base = await freePortBase(portsOfTutorial)
    const held = await holdPort(base + 2)
    const { code, stderr } = await millrace(['run', tutorial, '--port-base', String(base)], env)
    await held.release()
    expect(code).toBe(1)
    expect(stderr).toEqual([
      expect.stringMatching(new RegExp(`^millrace: .*ml_instance/ml_001.*${base + 2}.*\\[PORT_IN_USE\\]$`)),
    ])
  })

  it('stops in order when the reader of its output leaves', async () => {
    const run = start('run', tickingLab('thread'), '--json')
    await run.line(/"running"/)
    run.stopReading()
    // Nobody asks it to stop: the next line it prints finds no reader.
    expect((await run.exited).code).toBe(0)
    expect(run.stderr).toEqual([])
  })

  it.skipIf(process.platform !== 'linux')(
    'says that an instance’s process was killed, exits 1 and leaves nothing behind',
    async () => {
      const run = start('run', tickingLab('process'), '--json')
      await run.line(/"running"/)
      const [child] = childrenOf(run.pid)
      process.kill(child ?? Number.NaN, 'SIGKILL')
      expect((await run.exited).code).toBe(1)
      expect(run.stderr).toEqual([expect.stringMatching(/^millrace: instance "ticking\/1" crashed: .*SIGKILL/)])
      expect(run.json().at(-1)).toMatchObject({ type: 'summary', instances: [{ state: 'crashed' }] })
    },
  )

  it.skipIf(process.platform !== 'linux')('leaves no process behind after Ctrl-C', async () => {
    const run = start('run', tickingLab('process'))
    await run.line(/ticking\/1 +started/)
    const children = childrenOf(run.pid)
    expect(children).toHaveLength(1)
    expect(await run.interrupt()).toBe(0)
    expect(run.stderr).toEqual(['millrace: stopping; press Ctrl-C again to end at once'])
    expect(children.filter((pid) => existsSync(`/proc/${pid}`))).toEqual([])
  })
})

describe('millrace status and send', () => {
  it('ask and feed a running instance, with the token it wants', async () => {
    const base = await freePortBase(portsOfTutorial)
    const run = start('run', tutorial, '--json', '--port-base', String(base))
    await run.line(/"data_instance\/data_001","state":"running"/)
    const peer = `127.0.0.1:${base + 1}`
    const status = await millrace(['status', peer, '--json'], env)
    expect(status.json()[0]).toMatchObject({ networkId: 'data_instance', instanceId: 'data_001' })
    const table = await millrace(['status', peer], env)
    expect(table.stdout.join('\n')).toMatch(/^data_instance\/data_001\n[^]*data_processor +DataProcessor +running/)
    const record = '{"id":"sent-by-hand","timestamp":1,"source":"test","features":[1,2,3,4,5,6,7,8,9,10]}'
    const sent = await millrace(['send', peer, 'data_processor', 'Input', record], {
      ...env,
      MILLRACE_TOKEN: 'data_token',
    })
    expect([sent.code, sent.stderr]).toEqual([0, []])
    const wrong = await millrace(['send', peer, 'data_processor', 'Input', record], { ...env, MILLRACE_TOKEN: 'guess' })
    expect([wrong.code, wrong.stderr]).toEqual([1, [expect.stringMatching(/^millrace: .*\[AUTH_FAILED\]$/)]])
    const hidden = await millrace(['send', peer, 'data_collector', 'Trigger', 'true'], {
      ...env,
      MILLRACE_TOKEN: 'data_token',
    })
    expect([hidden.code, hidden.stderr]).toEqual([1, [expect.stringMatching(/^millrace: .*\[NOT_EXPORTED\]$/)]])
    expect(await run.interrupt()).toBe(0)
  })

  it('say that nobody answers', async () => {
    const port = (await freePortBase([1])) + 1
    const { code, stderr } = await millrace(['status', String(port)], env)
    expect([code, stderr]).toEqual([
      1,
      [expect.stringMatching(/^millrace: nothing answers at .*\[PEER_UNREACHABLE\]$/)],
    ])
  })
})

describe('millrace open without a display', () => {
  it('serves the window instead, says why, and starts nothing of a folder that is not trusted', async () => {
    const run = start('open', tickingLab('thread'))
    await run.line(/http:\/\/127\.0\.0\.1:\d+\/\?token=/)
    await run.line(/has not been trusted/, 'stderr')
    expect(run.stderr[0]).toMatch(/^millrace: no desktop window, as there is no display/)
    expect(run.stderr[1]).toMatch(/has not been trusted/)
    expect(await run.interrupt()).toBe(0)
  })
})

function childrenOf(pid: number): number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number)
}
