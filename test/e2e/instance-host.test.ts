import path from 'node:path'
import { describe, expect, it } from 'vitest'
import type { InstanceHost } from '../../src/lab/instance-host.ts'
import { hostInline } from '../../src/lab/instance-host/inline.ts'
import { forkProcess, hostInProcess } from '../../src/lab/instance-host/process.ts'
import { hostInThread } from '../../src/lab/instance-host/thread.ts'
import { HostWitness, instanceHostContract, specOf } from '../contract/instance-host.ts'

const built = path.resolve('out/main/instance-worker.js')
const faulty = path.resolve('test/e2e/fixtures/faulty-worker.mjs')

instanceHostContract('inline', (events) => hostInline(events))
instanceHostContract('a thread', (events) => hostInThread(built, 'test', events))
instanceHostContract('a process', (events) => hostInProcess(built, 'test', forkProcess, events))

describe.each([
  ['a thread', (witness: HostWitness) => hostInThread(faulty, 'test', witness)],
  ['a process', (witness: HostWitness) => hostInProcess(faulty, 'test', forkProcess, witness)],
])('an instance that ends by itself in %s', (_name, makeHost) => {
  async function startAs(networkId: string): Promise<{ host: InstanceHost; witness: HostWitness }> {
    const witness = new HostWitness()
    const host = makeHost(witness)
    await witness.seen('loaded')
    host.post({ type: 'start', spec: specOf({ networkId }) })
    return { host, witness }
  }

  it('says that it threw', async () => {
    const { witness } = await startAs('throws')
    expect(await witness.gone()).toMatch(/threw Error: a bug in native glue|exit code 1/)
  })

  it('hands on what it printed', async () => {
    const { witness } = await startAs('prints')
    await witness.printed(/^to the output$/)
    await witness.printed(/^to the error stream$/)
  })

  it('says with which code it exited', async () => {
    const { witness } = await startAs('exits')
    expect(await witness.gone()).toMatch(/exit code 7/)
  })

  it('can be ended while it loops for ever', async () => {
    const { host, witness } = await startAs('loops')
    await witness.seen('started')
    await host.terminate()
    expect(await witness.gone()).toBeUndefined()
  })
})

it('names the signal that killed the process of an instance', async () => {
  const witness = new HostWitness()
  const host = hostInProcess(built, 'test', forkProcess, witness)
  await witness.seen('loaded')
  host.post({ type: 'start', spec: specOf() })
  const { metrics } = await witness.seen('metrics')
  process.kill(metrics.process.pid, 'SIGKILL')
  expect(await witness.gone()).toMatch(/signal SIGKILL/)
})
