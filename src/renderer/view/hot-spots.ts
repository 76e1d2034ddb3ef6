import { analyseLoad } from '../../graph/index.ts'
import type { InstanceMetrics } from '../../shared/index.ts'
import { fillShare } from './fill.ts'
import { formatCount, formatMs, formatRate, formatShare } from './format.ts'
import type { Rates } from './rates.ts'
import type { Selected } from './selected.ts'
import { wireTitle } from './readable-text.ts'

/** One place in a ranked list. */
export interface HotSpot {
  key: string
  instance: string
  name: string
  value: string
  /** Its length against the first of the list, or against what is full: 0 to 1. */
  share: number
  place: Selected
}

/** A ranked list of places to look at first. */
export interface HotList {
  id: string
  title: string
  hint: string
  spots: HotSpot[]
}

/** The newest figures of an instance, and the older ones that its rates were made with. */
type Live = { metrics: InstanceMetrics; rates: Rates; before?: InstanceMetrics | undefined }
interface Ranked {
  instance: string
  name: string
  amount: number
  value: string
  /** What the bar is measured against; the first of the list when absent. */
  whole?: number
  place: Selected
}

/** The lists, each of at most `limit` places, without those at nought. */
export function hotLists(all: readonly Live[], limit = 5): HotList[] {
  const nodes = all.flatMap(({ metrics, rates }) =>
    metrics.nodes.map((node) => ({ instance: metrics.instance, node, rate: rates.nodes.get(node.id) })),
  )
  const wires = all.flatMap(({ metrics }) => metrics.wires.map((wire) => ({ instance: metrics.instance, wire })))
  const ofNode = (instance: string, node: string): Selected => ({ type: 'node', instance, node })
  const list = (id: string, title: string, hint: string, ranked: Ranked[]): HotList => ({
    id,
    title,
    hint,
    spots: rank(id, ranked, limit),
  })
  return [
    list(
      'jam',
      'Who blocks whom',
      'A node that waits, and the one where the jam begins: the one to look at',
      all.flatMap(({ metrics, before }) =>
        (before === undefined ? [] : analyseLoad(before, metrics).jams).map((jam) => ({
          instance: metrics.instance,
          name: jam.root === jam.node ? jam.node : `${jam.node} ← ${jam.root}`,
          amount: jam.blocked,
          value: `${formatShare(jam.blocked)} · ${jam.reason}`,
          whole: 1,
          place: ofNode(metrics.instance, jam.root),
        })),
      ),
    ),
    list(
      'blocked',
      'Most blocked',
      'Share of the time that a node waits because what is behind it is full',
      nodes.map(({ instance, node, rate }) => ({
        instance,
        name: node.id,
        amount: rate?.blocked ?? 0,
        value: formatShare(rate?.blocked ?? 0),
        whole: 1,
        place: ofNode(instance, node.id),
      })),
    ),
    list(
      'busy',
      'Busiest',
      'Share of the time that a node spends in its own code',
      nodes.map(({ instance, node, rate }) => ({
        instance,
        name: node.id,
        amount: rate?.busy ?? 0,
        value: formatShare(rate?.busy ?? 0),
        whole: 1,
        place: ofNode(instance, node.id),
      })),
    ),
    list(
      'deep',
      'Deepest queues',
      'Messages that wait in a wire',
      wires.map(({ instance, wire }) => ({
        instance,
        name: wireTitle(wire.id),
        amount: wire.queued,
        value: `${formatCount(wire.queued)} · ${formatShare(fillShare(wire.queued, wire.capacity))}`,
        place: { type: 'wire', instance, wire: wire.id },
      })),
    ),
    list(
      'slow',
      'Slowest',
      'Mean time in the code of a node for one message, since it started',
      nodes.map(({ instance, node }) => {
        const meanMs = node.received > 0 ? node.busyMs / node.received : 0
        return { instance, name: node.id, amount: meanMs, value: formatMs(meanMs), place: ofNode(instance, node.id) }
      }),
    ),
    list(
      'noisy',
      'Noisiest',
      'Failures since it started, and per second now',
      nodes.map(({ instance, node, rate }) => ({
        instance,
        name: node.id,
        amount: node.errors,
        value: `${formatCount(node.errors)} · ${formatRate(rate?.errors ?? 0)}/s`,
        place: ofNode(instance, node.id),
      })),
    ),
  ]
}

/** Below this an amount is not worth a place: a ten-thousandth of a second, of a share, of a message. */
const least = 1e-4

function rank(id: string, ranked: Ranked[], limit: number): HotSpot[] {
  const top = ranked
    .filter(({ amount }) => amount > least)
    .sort((one, other) => other.amount - one.amount || one.name.localeCompare(other.name))
    .slice(0, limit)
  const first = top[0]?.amount ?? 1
  return top.map(({ instance, name, amount, value, whole = first, place }) => ({
    key: `${id} ${instance} ${name}`,
    instance,
    name,
    value,
    share: Math.min(1, amount / whole),
    place,
  }))
}
