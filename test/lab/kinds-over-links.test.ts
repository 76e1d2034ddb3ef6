import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { runCommandLine } from '../../src/cli/command-line.ts'
import { installationAt } from '../../src/cli/installation.ts'
import { DistributedNetwork } from '../../src/lab/index.ts'
import { defineActor } from '../../src/runtime/index.ts'
import type { MessageKind } from '../../src/shared/index.ts'
import { FakeConsole } from '../cli/fake-console.ts'

const portKinds = ['integer', 'float', 'stream', 'encoded', 'event', 'remoteReference', 'string'] as const

let there: DistributedNetwork
let here: DistributedNetwork
let folder: string
let received: unknown[]
beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'millrace-kinds-'))
  received = []
  there = new DistributedNetwork({ networkId: 'there', instanceId: '1', authToken: 'token' })
  here = new DistributedNetwork({ networkId: 'here', instanceId: '1' })
  const inports = Object.fromEntries(portKinds.map((kind) => [kind, { kind }]))
  const keeper = defineActor({
    name: 'Keeper',
    inports: inports as Record<string, { kind: MessageKind }>,
    run: ({ port, inputs }) => void received.push([port, inputs[port]]),
  })
  there.registerLocalActor('keeper', keeper, {}, { exported: true })
  await there.start()
  await here.start()
  await here.connectToNetwork(there.address ?? '', { token: 'token' })
})
afterEach(async () => {
  await Promise.all([here.shutdown({ drainMs: 0 }), there.shutdown({ drainMs: 0 })])
  rmSync(folder, { recursive: true, force: true })
})

/** Waits until so many messages were taken or buried. */
async function arrived(count: number): Promise<void> {
  while (received.length + there.local.deadLetters().length < count) await new Promise(setImmediate)
}

const burials = () => there.local.deadLetters().map(({ port, reason }) => `${port}: ${reason}`)

describe('a message for a node of a peer', () => {
  it('is judged there by the kind that was said here', async () => {
    const send = (port: string, value: unknown, kind?: MessageKind) =>
      here.sendToRemoteActor('there', 'keeper', port, value, kind === undefined ? {} : { kind })
    await send('integer', 5)
    await send('float', 5, 'float')
    await send('event', 5, 'event')
    await send('encoded', new Uint8Array([1]), 'encoded')
    await arrived(4)
    expect(received).toEqual([
      ['integer', 5],
      ['float', 5],
      ['event', 5],
      ['encoded', new Uint8Array([1])],
    ])
    await send('integer', 5, 'float')
    await send('stream', new Uint8Array([1]), 'encoded')
    await send('integer', 5, 'event')
    await arrived(7)
    expect(burials()).toEqual([
      expect.stringMatching(/^integer: .*this one is float/),
      expect.stringMatching(/^stream: .*this one is encoded/),
      expect.stringMatching(/^integer: .*this one is event/),
    ])
  })

  it('keeps its kind where it is followed', async () => {
    const spans: unknown[] = []
    const entry = defineActor({
      name: 'Entry',
      inports: { float: {}, integer: {} },
      run: ({ port, inputs }) => here.sendToRemoteActor('there', 'keeper', port, inputs[port], { kind: 'float' }),
    })
    here.registerLocalActor('entry', entry)
    here.followMessages({ oneIn: 1, record: () => undefined })
    there.followMessages({ linksBegin: false, record: (span) => void spans.push(span) })
    await here.local.send('entry', 'integer', 5)
    await arrived(1)
    expect(burials()).toEqual([expect.stringMatching(/^integer: .*this one is float/)])
    await here.local.send('entry', 'float', 5)
    while (spans.length === 0) await new Promise(setImmediate)
    expect(received).toEqual([['float', 5]])
  })

  it('is not sent when no message of the kind that is said can be made of it', async () => {
    await expect(here.sendToRemoteActor('there', 'keeper', 'integer', 1.5, { kind: 'integer' })).rejects.toMatchObject({
      code: 'MESSAGE_INVALID',
    })
  })
})

describe('millrace send', () => {
  const send = async (port: string, ...args: string[]) => {
    const token = path.join(folder, 'token')
    writeFileSync(token, 'token')
    const console = new FakeConsole()
    const all = ['send', there.address ?? '', 'keeper', port, ...args, '--token-file', token]
    const code = await runCommandLine(all, console, installationAt(path.resolve('out/main')))
    return [code, console.complained.join('\n')]
  }

  it('sends a message of the kind that is said, and of what it is made', async () => {
    for (const [port, ...args] of [
      ['float', '5', '--kind', 'float'],
      ['float', '"NaN"', '--kind', 'Float'],
      ['integer', '"9007199254740993"', '--kind', 'integer'],
      ['encoded', '[104,105]', '--kind', 'encoded'],
      ['remoteReference', '{"id":1}', '--kind', 'remotereference'],
      ['string', '"text"'],
      ['encoded', '{"type":"Encoded","data":[1]}'],
    ] as const)
      expect(await send(port, ...args)).toEqual([0, ''])
    await arrived(7)
    expect(received).toEqual([
      ['float', 5],
      ['float', NaN],
      ['integer', 9007199254740993n],
      ['encoded', new Uint8Array([104, 105])],
      ['remoteReference', { id: 1 }],
      ['string', 'text'],
      ['encoded', new Uint8Array([1])],
    ])
    expect(burials()).toEqual([])
  })

  it('says which kind a port takes when another is said', async () => {
    const [code, complaint] = await send('integer', '5', '--kind', 'float')
    expect([code, complaint]).toEqual([
      1,
      'millrace: "keeper.integer" takes messages of kind integer, and this one is float [KIND_MISMATCH]',
    ])
  })
})
