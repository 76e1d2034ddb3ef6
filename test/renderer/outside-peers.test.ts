import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { outsidePeers, peerBox, withPeersAtEdges } from '../../src/renderer/view/outside-peers.ts'
import { layoutTopology } from '../../src/renderer/view/topology-layout.ts'
import { nodeKey, peerKey } from '../../src/renderer/view/topology.ts'
import type { LinkSnapshot } from '../../src/shared/index.ts'
import { instance, linkSnapshot } from '../shared/samples.ts'

const ml = instance(
  'ml',
  [{ id: 'source', component: 'processor@data' }, 'trainer', 'evaluator'],
  ['source.Out -> trainer.In', 'trainer.Out -> evaluator.In'],
  { address: '127.0.0.1:9002' },
)
const channel = (node: string, direction: 'in' | 'out'): LinkSnapshot['channels'][number] => {
  return { node, direction, port: 'Out', messages: 0, queued: 0, credit: 1 }
}
const links = (...given: LinkSnapshot[]) => outsidePeers([ml], () => given)

describe('peers outside the lab', () => {
  it('stand where messages come from, with a line to each node that stands for one of theirs', () => {
    expect(links(linkSnapshot('data/7', { address: '10.0.0.1:9001' }))).toEqual({
      peers: [{ key: peerKey('data/7'), peer: 'data/7', instance: 'ml/1', side: 'in' }],
      links: [
        {
          key: 'link in ml/1 source data/7',
          instance: 'ml/1',
          node: 'source',
          peer: 'data/7',
          exported: 'processor',
          direction: 'in',
          from: peerKey('data/7'),
          to: nodeKey('ml/1', 'source'),
        },
      ],
    })
  })

  it('stand at the other side when they only take what is exported here', () => {
    const taking = linkSnapshot('api/1', {
      address: '10.0.0.9:4000',
      direction: 'accepted',
      channels: [channel('evaluator', 'out'), channel('evaluator', 'out'), channel('gone', 'out')],
    })
    const { peers, links: lines } = links(taking)
    expect(peers.map(({ side }) => side)).toEqual(['out'])
    expect(lines.map(({ from, to }) => [from, to])).toEqual([[nodeKey('ml/1', 'evaluator'), peerKey('api/1')]])
  })

  it('are shown by their address while they have not said who they are, and those of the lab and visitors never', () => {
    const unknown = linkSnapshot('10.0.0.1:9001', { address: '10.0.0.1:9001', state: 'connecting' })
    const known = linkSnapshot('ml/1', { address: '10.0.0.2:1' })
    const visitor = linkSnapshot('command_line/ab12', { direction: 'accepted', address: '127.0.0.1:5' })
    const byAddress = linkSnapshot('127.0.0.1:9002', { address: '127.0.0.1:9002', state: 'down' })
    expect(links(visitor, unknown, known, byAddress)).toMatchObject({
      peers: [{ peer: '10.0.0.1:9001', side: 'in' }],
      links: [],
    })
  })

  it('never lie on each other or on an instance, however many there are', () => {
    const anyLink = fc.record({
      peer: fc.constantFrom('data/1', 'data/2', 'x/1', 'y/1', 'z/1'),
      direction: fc.constantFrom('dialled' as const, 'accepted' as const),
      nodes: fc.array(fc.constantFrom('source', 'trainer', 'evaluator'), { maxLength: 3 }),
    })
    fc.assert(
      fc.property(fc.array(anyLink, { maxLength: 8 }), (given) => {
        const found = links(
          ...given.map(({ peer, direction, nodes }) =>
            linkSnapshot(peer, {
              address: `${peer}:1`,
              direction,
              channels: nodes.map((node) => channel(node, 'out')),
            }),
          ),
        )
        const placed = withPeersAtEdges(layoutTopology([ml], 'compact'), found)
        const boxes = [...placed.instances, ...placed.peers.map((peer) => ({ ...peer, ...peerBox.size }))]
        for (const [index, one] of boxes.entries())
          for (const other of boxes.slice(index + 1))
            expect(
              one.x + one.width <= other.x ||
                other.x + other.width <= one.x ||
                one.y + one.height <= other.y ||
                other.y + other.height <= one.y,
            ).toBe(true)
        expect(placed.peers.length).toBe(new Set(given.map(({ peer }) => peer)).size)
        expect(Math.min(...boxes.map(({ x }) => x))).toBe(0)
      }),
    )
  })
})
