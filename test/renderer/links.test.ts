import { describe, expect, it } from 'vitest'
import { linkFigures, linkTo } from '../../src/renderer/view/link-figures.ts'
import { linkRows } from '../../src/renderer/view/link-rows.ts'
import { ratesOf } from '../../src/renderer/view/rates.ts'
import { topologyLinks } from '../../src/renderer/view/topology.ts'
import { instance, linkSnapshot, metricsAt } from '../shared/samples.ts'

const data = instance('data', ['processor'])
const ml = instance('ml', [{ id: 'source', component: 'processor@data' }])
const channel = { direction: 'in', node: 'processor', port: 'Out', queued: 2, credit: 10 } as const

function mlAt(timeMs: number, messages: number) {
  const other = { ...channel, node: 'metrics', messages: 9 * messages }
  return metricsAt(timeMs, {
    instance: 'ml/1',
    links: [
      linkSnapshot('data/1', { rttMs: 0.5, received: 10 * messages, channels: [{ ...channel, messages }, other] }),
    ],
  })
}

describe('the figures of a link on the canvas', () => {
  it('count the channels of its own node alone', () => {
    const [link] = topologyLinks([data, ml])
    if (!link) throw new Error('no link')
    const metrics = mlAt(1000, 40)
    const figures = linkFigures(link, { metrics, rates: ratesOf([mlAt(0, 0), metrics]) }, data.address)
    expect(figures).toEqual({ state: 'up', rttMs: 0.5, perSecond: 40, queued: 2, reason: undefined })
  })

  it('know a peer by its address while it has not said who it is', () => {
    const metrics = metricsAt(0, { links: [linkSnapshot('127.0.0.1:9001', { state: 'connecting' })] })
    expect(linkTo(metrics, { instance: 'data/1', address: '127.0.0.1:9001' })?.state).toBe('connecting')
    expect(linkTo(metrics, { instance: 'data/1', address: '127.0.0.1:9009' })).toBeUndefined()
  })

  it('prefer the link that is up', () => {
    const metrics = metricsAt(0, {
      links: [linkSnapshot('data/1', { state: 'closed' }), linkSnapshot('data/1', { direction: 'accepted' })],
    })
    expect(linkTo(metrics, { instance: 'data/1', address: '' })?.direction).toBe('accepted')
  })
})

describe('the table of links', () => {
  it('has a row with rates for every link of every instance', () => {
    const metrics = mlAt(2000, 40)
    const rows = linkRows([
      { metrics, rates: ratesOf([mlAt(0, 0), metrics]) },
      { metrics: metricsAt(0), rates: ratesOf([]) },
    ])
    expect(rows.map(({ instance: owner, link, rate }) => [owner, link.peer, rate])).toEqual([
      ['ml/1', 'data/1', { sent: 0, received: 200 }],
    ])
  })
})
