import * as v from 'valibot'
import { linkSnapshotSchema, MillraceError, nodeSnapshotSchema } from '../shared/index.ts'
import type { Colours } from './colours.ts'
import { formatTable } from './table.ts'
import { visible } from './visible.ts'

const statusSchema = v.object({
  networkId: v.string(),
  instanceId: v.string(),
  nodes: v.array(
    v.pick(nodeSnapshotSchema, [
      'id',
      'role',
      'component',
      'state',
      'received',
      'sent',
      'errors',
      'queued',
      'service',
      'wait',
    ]),
  ),
  links: v.array(
    v.pick(linkSnapshotSchema, [
      'peer',
      'address',
      'state',
      'key',
      'sent',
      'received',
      'lost',
      'uncertain',
      'queued',
      'exports',
    ]),
  ),
  ownActors: v.optional(v.object({ reloads: v.number(), held: v.number() })),
})

/** What `GET /status` of an instance tells. */
export type Status = v.InferOutput<typeof statusSchema>

/** Reads the answer of a peer. Throws `PROTOCOL_ERROR`. */
export function parseStatus(answer: unknown, endpoint: string): Status {
  const result = v.safeParse(statusSchema, answer)
  if (result.success) return result.output
  throw new MillraceError(
    'PROTOCOL_ERROR',
    `what answers at ${endpoint} is not an instance of this version of Millrace`,
  )
}

/** Writes two looks at an instance, `elapsedMs` apart, as tables with rates. */
export function formatStatus(before: Status, now: Status, elapsedMs: number, colours: Colours): string[] {
  const perSecond = (received: number, id: string) => {
    const earlier = before.nodes.find((node) => node.id === id)?.received ?? 0
    return Math.max(0, Math.round(((received - earlier) * 1_000) / elapsedMs))
  }
  const [nodeHeading = '', ...nodes] = formatTable([
    ['node', 'actor', 'state', 'received', '/s', 'sent', 'errors', 'queued', 'takes p95 ms', 'waits p95 ms'],
    ...now.nodes
      .filter(({ role }) => role !== 'egress')
      .map((node) => [
        visible(node.id),
        visible(node.component),
        node.state,
        node.received,
        perSecond(node.received, node.id),
        node.sent,
        node.errors,
        node.queued,
        milliseconds(node.service?.p95Ms),
        milliseconds(node.wait?.p95Ms),
      ]),
  ])
  const [linkHeading = '', ...links] = formatTable([
    ['link', 'address', 'state', 'key', 'sent', 'received', 'lost', 'queued', 'offers'],
    ...now.links.map((link) => [
      visible(link.peer),
      visible(link.address),
      link.state,
      visible(link.key ?? '–'),
      link.sent,
      link.received,
      link.uncertain === undefined ? link.lost : `${link.lost}, perhaps ${link.uncertain} more`,
      link.queued,
      visible(link.exports?.join(', ') || '–'),
    ]),
  ])
  return [
    colours.bold(visible(`${now.networkId}/${now.instanceId}`)),
    '',
    colours.bold(nodeHeading),
    ...nodes,
    ...ownActorsLine(now.ownActors),
    ...(links.length > 0 ? ['', colours.bold(linkHeading), ...links] : ['', 'no links']),
  ]
}

/** A duration with two digits that count; a dash where nothing was measured of late. */
function milliseconds(ms: number | undefined): number | string {
  return ms === undefined ? '–' : Number(ms.toPrecision(2))
}

function ownActorsLine(own: Status['ownActors']): string[] {
  if (own === undefined) return []
  const count = (number: number, word: string) => `${number} ${word}${number === 1 ? '' : 's'}`
  return ['', `own actors: ${count(own.reloads, 'reload')}, ${count(own.held, 'old version')} still held`]
}
