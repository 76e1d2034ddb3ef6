import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { interval } from '../../src/actors/index.ts'
import { defineActor, Network } from '../../src/runtime/index.ts'
import { platform, Probe, settled, startRig } from './rig.ts'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
})

afterEach(() => {
  vi.useRealTimers()
})

async function advance(network: Network, timeMs: number): Promise<void> {
  for (let passed = 0; passed < timeMs; passed += 1) {
    await vi.advanceTimersByTimeAsync(1)
    await settled(network)
  }
}

test('emits at its pace, whatever its config says', async () => {
  const plain = await startRig(interval, { config: { intervalMs: 20 } })
  await advance(plain.network, 101)
  expect(plain.probe('Output').received).toEqual([true, true, true, true, true])
  await plain.stop()
  await advance(plain.network, 40)
  expect(plain.probe('Output').received).toHaveLength(5)
  const counting = await startRig(interval, { config: { intervalMs: 5, value: 'count', limit: 3 } })
  await advance(counting.network, 50)
  expect(counting.probe('Output').received).toEqual([1, 2, 3])
  await counting.stop()
  const own = await startRig(interval, { config: { intervalMs: 5, value: { pump: 7 }, limit: 1 } })
  await advance(own.network, 10)
  expect(own.probe('Output').received).toEqual([{ pump: 7 }])
  await own.stop()
})

test('waits while nobody takes its messages, loses none, and does not catch up', async () => {
  const gate = { isOpen: false, open: () => {} }
  const probe = new Probe<number>()
  const slow = defineActor({
    name: 'Slow',
    inports: { Input: { capacity: 2 } },
    outports: { Output: {} },
    run: async ({ inputs }) => {
      if (!gate.isOpen) await new Promise<void>((resolve) => (gate.open = resolve))
      return { Output: inputs.Input }
    },
  })
  const network = new Network({ platform })
  network.addNode('interval', interval, { metadata: { intervalMs: 10, value: 'count' } })
  network.addNode('slow', slow)
  network.addNode('probe', probe.actor)
  network.addWire({ node: 'interval', port: 'Output' }, { node: 'slow', port: 'Input' })
  network.addWire({ node: 'slow', port: 'Output' }, { node: 'probe', port: 'Input' })
  await network.start()
  const sent = () => network.snapshot().nodes.find(({ id }) => id === 'interval')?.sent ?? NaN
  for (let turn = 0; turn < 500; turn += 1) await vi.advanceTimersByTimeAsync(1)
  const whenFull = sent()
  expect(whenFull).toBeLessThan(10)
  for (let turn = 0; turn < 100; turn += 1) await vi.advanceTimersByTimeAsync(1)
  expect(sent()).toBe(whenFull)
  gate.isOpen = true
  gate.open()
  await advance(network, 200)
  expect(probe.received).toEqual(Array.from({ length: probe.received.length }, (_, index) => index + 1))
  expect(probe.received.length).toBeGreaterThan(whenFull + 15)
  expect(probe.received.length).toBeLessThanOrEqual(whenFull + 25)
  await network.stop()
})

test('refuses a pace that no timer keeps', async () => {
  await expect(startRig(interval, { config: { intervalMs: 0 } })).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
})
