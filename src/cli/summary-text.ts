import type { Summary } from '../lab/index.ts'
import type { Colours } from './colours.ts'
import { formatTable } from './table.ts'
import { visible } from './visible.ts'

/** Writes what a run came to, for a person. */
export function formatSummary({ instances, links }: Summary, colours: Colours): string[] {
  const [instanceHeading = '', ...instanceRows] = formatTable([
    ['instance', 'state', 'received', 'sent', 'errors', 'dead letters'],
    ...instances.map((one) => [
      visible(`${one.networkId}/${one.instanceId}`),
      one.state,
      one.received,
      one.sent,
      one.errors,
      one.deadLetters,
    ]),
  ])
  const [linkHeading = '', ...linkRows] = formatTable([
    ['link', 'state', 'sent', 'received', 'lost', 'duplicated'],
    ...links.map((one) => [
      visible(`${one.from} -> ${one.to}`),
      one.state,
      one.sent,
      one.received ?? '?',
      one.lost,
      one.duplicated,
    ]),
  ])
  const linkLines = links.length > 0 ? ['', colours.bold(linkHeading), ...linkRows] : []
  return ['', colours.bold(instanceHeading), ...instanceRows, ...linkLines]
}
