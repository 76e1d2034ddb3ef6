import { describe, expect, it } from 'vitest'
import { defineActor } from '../../src/runtime/index.ts'
import { describeError } from '../../src/shared/index.ts'
import { collector, end, makeNetwork, relay } from './rig.ts'

const trap = (): never => {
  throw new Error('a getter threw')
}

/** Answers the number 1 with `bad`, and everything else with itself. */
function answering(kind: 'sync' | 'async', bad: () => unknown) {
  const answer = (input: unknown) => (input === 1 ? bad() : { Out: input })
  return defineActor({
    name: 'Answering',
    inports: { In: {} },
    outports: { Out: {} },
    run: (kind === 'sync'
      ? ({ inputs }) => answer(inputs.In)
      : async ({ inputs }) => {
          await Promise.resolve()
          return answer(inputs.In)
        }) as (context: { inputs: { In?: unknown } }) => { Out: unknown },
  })
}

describe.each(['sync', 'async'] as const)('a %s behaviour', (kind) => {
  async function run(bad: () => unknown) {
    const rig = makeNetwork()
    const { actor, seen } = collector()
    rig.network.addNode('node', answering(kind, bad))
    rig.network.addNode('sink', actor)
    rig.network.addWire(end('node.Out'), end('sink.In'))
    for (const value of [0, 1, 2]) rig.network.send('node', 'In', value)
    await rig.start()
    // The second retry waits.
    await rig.platform.advance(20)
    return { ...rig, seen }
  }

  it.each([
    [
      'a message',
      () => ({
        Out: {
          get x() {
            return trap()
          },
        },
      }),
    ],
    [
      'a port',
      () => ({
        get Out() {
          return trap()
        },
      }),
    ],
    ['a list of ports', () => new Proxy({}, { ownKeys: trap })],
  ])('that returns %s that throws when it is read loses one message, with its reason', async (_what, bad) => {
    const { network, node, seen } = await run(bad)
    expect(seen).toEqual([0, 2])
    expect(network.deadLetters()).toMatchObject([
      { code: 'MESSAGE_INVALID', node: 'node', port: 'In', preview: '{"type":"Integer","data":1}' },
    ])
    expect(network.deadLetters()[0]?.reason).toContain('a getter threw')
    expect(node('node')).toMatchObject({ errors: 1, deadLetters: 1, received: 3 })
  })

  it('that throws what cannot be made text loses one message', async () => {
    const { network, node, seen } = await run(() => {
      throw Object.create(null)
    })
    expect(seen).toEqual([0, 2])
    expect(network.deadLetters()).toMatchObject([{ code: 'BEHAVIOUR_FAILED' }])
    expect(node('node')).toMatchObject({ errors: 3, lastError: 'something that cannot be shown' })
  })

  it('that returns a thing whose "then" throws loses one message', async () => {
    const { network, seen } = await run(() => ({
      // oxlint-disable-next-line unicorn/no-thenable -- the point of the test
      get then() {
        return trap()
      },
    }))
    expect(seen).toEqual([0, 2])
    expect(network.deadLetters()).toHaveLength(1)
  })

  it('that returns a thing which answers twice emits once', async () => {
    const { network, node, seen } = await run(() => ({
      // oxlint-disable-next-line unicorn/no-thenable -- the point of the test
      then(resolve: (outputs: unknown) => void) {
        resolve({ Out: 1 })
        resolve({ Out: 'again' })
        trap()
      },
    }))
    expect(seen).toEqual([0, 1, 2])
    expect(network.deadLetters()).toEqual([])
    expect(node('node')).toMatchObject({ sent: 3, errors: 0 })
  })
})

describe('a network that freezes payloads', () => {
  it('takes long arrays and things that do not let themselves be frozen', async () => {
    const { network, start, settle } = makeNetwork({ freeze: true })
    const { actor, seen } = collector()
    network.addNode('relay', relay)
    network.addNode('sink', actor)
    network.addWire(end('relay.Out'), end('sink.In'))
    const long = Array.from({ length: 200_000 }, (_, index) => index)
    const stubborn = new Proxy({}, { preventExtensions: trap })
    network.send('relay', 'In', long)
    network.send('relay', 'In', stubborn)
    await start()
    await settle()
    expect(seen).toHaveLength(2)
    expect(Object.isFrozen(long)).toBe(true)
    expect(network.deadLetters()).toEqual([])
  })
})

describe('the dead letters', () => {
  it('keep also what cannot be shown', () => {
    const { network } = makeNetwork()
    const throwing = new Proxy(
      {},
      {
        getPrototypeOf: () => {
          throw Object.create(null)
        },
      },
    )
    network.bury(end('nobody.In'), throwing, { code: 'LATE', reason: 'came late' })
    expect(network.deadLetters()).toMatchObject([
      { code: 'LATE', preview: '(cannot be shown: something that cannot be shown)' },
    ])
  })
})

describe('the text of an error', () => {
  it.each([
    ['an object without prototype', Object.create(null)],
    ['a message that throws', Object.defineProperty(new Error('x'), 'message', { get: trap })],
  ])('is there for %s', (_what, error) => {
    expect(describeError(error)).toBe('something that cannot be shown')
  })

  it('is text also when the message is not', () => {
    expect(describeError(Object.assign(new Error('x'), { message: 7 }))).toBe('7')
  })
})
