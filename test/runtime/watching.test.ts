import { expect, it } from 'vitest'
import { defineActor, type NetworkEvent } from '../../src/runtime/index.ts'
import { makeNetwork } from './rig.ts'

it('tells a node what happens to its network until the node stops', async () => {
  const seen: NetworkEvent['type'][] = []
  const watcher = defineActor({
    name: 'Watcher',
    start: ({ watch }) => void watch(({ type }) => void seen.push(type)),
  })
  const { network, start, settle } = makeNetwork()
  network.addNode('watcher', watcher)
  await start()
  network.addNode('other', defineActor({ name: 'Other', start: () => {} }))
  await settle()
  await network.removeNode('other')
  expect(seen).toEqual(expect.arrayContaining(['started', 'nodeAdded', 'nodeStarted', 'nodeRemoved']))
  await network.removeNode('watcher')
  const told = seen.length
  network.addNode('third', defineActor({ name: 'Third', start: () => {} }))
  await settle()
  expect(seen).toHaveLength(told)
})
