import { expect, it } from 'vitest'
import { summarise } from '../../src/lab/summary.ts'
import type { InstanceMetrics, LinkSnapshot, NodeSnapshot } from '../../src/shared/index.ts'

const node = (given: Partial<NodeSnapshot>): NodeSnapshot => ({
  id: 'n',
  component: 'N',
  role: 'local',
  state: 'idle',
  received: 0,
  sent: 0,
  errors: 0,
  deadLetters: 0,
  queued: 0,
  outbox: 0,
  busyMs: 0,
  blockedMs: 0,
  gauges: {},
  ...given,
})

const link = (peer: string, given: Partial<LinkSnapshot>): LinkSnapshot => ({
  peer,
  address: '127.0.0.1:1',
  direction: 'dialled',
  state: 'closed',
  secure: true,
  sent: 0,
  received: 0,
  lost: 0,
  duplicated: 0,
  sentBytes: 0,
  receivedBytes: 0,
  queued: 0,
  reconnects: 0,
  channels: [],
  ...given,
})

const metrics = (instance: string, nodes: NodeSnapshot[], links: LinkSnapshot[]): InstanceMetrics => ({
  instance,
  timeMs: 0,
  nodes,
  wires: [],
  links,
  deadLetters: 2,
  process: { pid: 1, uptimeMs: 0, loopLagP99Ms: 0, loopLagMaxMs: 0, cpu: 0, heapBytes: 0 },
})

const ran = (networkId: string, state: 'stopped' | 'crashed', given: InstanceMetrics | undefined) => ({
  networkId,
  instanceId: '1',
  state,
  reason: undefined,
  metrics: given,
})

it('adds up nodes, leaving out those that only stand at the end of a link', () => {
  const nodes = [
    node({ received: 3, sent: 4, errors: 1 }),
    node({ received: 10 }),
    node({ role: 'egress', received: 99 }),
  ]
  const { instances } = summarise([ran('a', 'stopped', metrics('a/1', nodes, [])), ran('b', 'stopped', undefined)])
  expect(instances).toEqual([
    { networkId: 'a', instanceId: '1', state: 'stopped', received: 13, sent: 4, errors: 1, deadLetters: 2 },
    { networkId: 'b', instanceId: '1', state: 'stopped', received: 0, sent: 0, errors: 0, deadLetters: 0 },
  ])
})

it('tells each direction of a link by what both its ends counted', () => {
  const { links } = summarise([
    ran('a', 'stopped', metrics('a/1', [], [link('b/1', { sent: 7, received: 2, lost: 1 })])),
    ran('b', 'stopped', metrics('b/1', [], [link('a/1', { sent: 2, received: 6, duplicated: 1 })])),
  ])
  expect(links).toEqual([
    { from: 'a/1', to: 'b/1', state: 'closed', sent: 7, received: 6, lost: 1, duplicated: 1 },
    { from: 'b/1', to: 'a/1', state: 'closed', sent: 2, received: 2, lost: 0, duplicated: 0 },
  ])
})

it('does not say that a link of a crashed instance is up, nor that more arrived than was sent', () => {
  const { links } = summarise([
    ran('a', 'crashed', metrics('a/1', [], [link('b/1', { state: 'up', sent: 84 })])),
    ran('b', 'stopped', metrics('b/1', [], [link('a/1', { received: 92 })])),
  ])
  expect(links[0]).toMatchObject({ from: 'a/1', state: 'down', sent: 92, received: 92 })
})

it('leaves out who only came to send one message, and what only a stranger knows', () => {
  const links = [link('command_line/x', { received: 1 }), link('far/1', { sent: 5 })]
  expect(summarise([ran('a', 'stopped', metrics('a/1', [], links))]).links).toEqual([
    { from: 'a/1', to: 'far/1', state: 'closed', sent: 5, lost: 0, duplicated: 0 },
  ])
})
