import { isRecord } from '../graph-parts.ts'
import type { GraphDifference } from './diff-graphs.ts'

const longestValue = 60

/** Says a difference in one line, as `+ node "b" (Sink)`, `- wire a.Out -> b.In`, `~ node "a": scale 2 → 3`. */
export function describeDifference(difference: GraphDifference): string {
  const { kind, name } = difference
  const thing = kind === 'wire' ? `wire ${name}` : `${kind} ${JSON.stringify(name)}`
  switch (difference.type) {
    case 'added':
      return `+ ${thing}${gist(difference.value)}`
    case 'removed':
      return `- ${thing}${gist(difference.value)}`
    case 'renamed':
      return `~ ${thing} is now ${JSON.stringify(difference.to)}`
    case 'changed': {
      const field = difference.path.filter((step, index) => index > 0 || step !== 'metadata').join('.')
      const label = field === '' ? '' : `${field} `
      return `~ ${thing}: ${label}${show(difference.before)} → ${show(difference.after)}`
    }
  }
}

/** Whether a running network would behave otherwise: places, labels, groups, notes and exposed ports are for people alone. */
export function mattersToRun(difference: GraphDifference): boolean {
  if (difference.kind === 'wire' || difference.kind === 'initial message') return true
  if (difference.kind !== 'node') return false
  if (difference.type !== 'changed') return true
  const [first, second] = difference.path
  return !(first === 'metadata' && (second === 'position' || second === 'label'))
}

/** The same of a graph that is used inside others, whose wires go to the ports that it exposes. */
export function mattersInside(difference: GraphDifference): boolean {
  return difference.kind === 'inport' || difference.kind === 'outport' || mattersToRun(difference)
}

function gist(value: unknown): string {
  if (!isRecord(value)) return ''
  if (typeof value['component'] === 'string') return ` (${value['component']})`
  const data = value['data'] ?? value['message'] ?? value['text']
  return data === undefined ? '' : ` ${show(data)}`
}

function show(value: unknown): string {
  if (value === undefined) return 'nothing'
  const text = JSON.stringify(value)
  return text.length > longestValue ? `${text.slice(0, longestValue)}…` : text
}
