import { expect, it } from 'vitest'
import { summarise } from '../../src/lab/summary.ts'
import type { InstanceMetrics, LinkSnapshot, NodeSnapshot } from '../../src/shared/index.ts'
import { linkSnapshot, metricsAt, nodeSnapshot } from '../shared/samples.ts'

const metrics = (instance: string, nodes: NodeSnapshot[], links: LinkSnapshot[]): InstanceMetrics =>
  metricsAt(0, { instance, nodes, links, deadLetters: 2 })

const ran = (networkId: string, state: 'stopped' | 'crashed', given: InstanceMetrics | undefined) => ({
  networkId,
  instanceId: '1',
  state,
  reason: undefined,
  metrics: given,
})

it('adds up nodes, leaving out those that only stand at the end of a link', () => {
  const nodes = [
    nodeSnapshot('a', { received: 3, sent: 4, errors: 1 }),
    nodeSnapshot('b', { received: 10 }),
    nodeSnapshot('c', { role: 'egress', received: 99 }),
  ]
  const { instances } = summarise([ran('a', 'stopped', metrics('a/1', nodes, [])), ran('b', 'stopped', undefined)])
  expect(instances).toEqual([
    { networkId: 'a', instanceId: '1', state: 'stopped', received: 13, sent: 4, errors: 1, deadLetters: 2 },
    { networkId: 'b', instanceId: '1', state: 'stopped', received: 0, sent: 0, errors: 0, deadLetters: 0 },
  ])
})

it('tells each direction of a link by what both its ends counted', () => {
  const { links } = summarise([
    ran('a', 'stopped', metrics('a/1', [], [linkSnapshot('b/1', { state: 'closed', sent: 7, received: 2, lost: 1 })])),
    ran(
      'b',
      'stopped',
      metrics('b/1', [], [linkSnapshot('a/1', { state: 'closed', sent: 2, received: 6, duplicated: 1 })]),
    ),
  ])
  expect(links).toEqual([
    { from: 'a/1', to: 'b/1', state: 'closed', sent: 7, received: 6, lost: 1, duplicated: 1 },
    { from: 'b/1', to: 'a/1', state: 'closed', sent: 2, received: 2, lost: 0, duplicated: 0 },
  ])
})

it('does not say that a link of a crashed instance is up, nor that more arrived than was sent', () => {
  const { links } = summarise([
    ran('a', 'crashed', metrics('a/1', [], [linkSnapshot('b/1', { state: 'up', sent: 84 })])),
    ran('b', 'stopped', metrics('b/1', [], [linkSnapshot('a/1', { received: 92 })])),
  ])
  expect(links[0]).toMatchObject({ from: 'a/1', state: 'down', sent: 92, received: 92 })
})

it('leaves out who only came to send one message, and what only a stranger knows', () => {
  const links = [linkSnapshot('command_line/x', { received: 1 }), linkSnapshot('far/1', { state: 'closed', sent: 5 })]
  expect(summarise([ran('a', 'stopped', metrics('a/1', [], links))]).links).toEqual([
    { from: 'a/1', to: 'far/1', state: 'closed', sent: 5, lost: 0, duplicated: 0 },
  ])
})
