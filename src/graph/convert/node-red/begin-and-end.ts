import { source, through, type Counterparts } from './counterpart.ts'
import type { Flow, FlowNode } from './flow.ts'
import { fieldOf, readTyped } from './typed-value.ts'

const payloadAlone = 'it sends the payload alone, not a message object around it'

/** What begins flows and what ends them: inject, debug, catch, status. */
export const beginAndEnd: Counterparts = {
  inject: ({ fields }) => {
    const { payload, payloadType, repeat, crontab, once, onceDelay } = fields
    // "count" would make an Interval count.
    const known = payload === 'count' ? undefined : readTyped(payload, payloadType)
    const changed = [payloadAlone, ...(known ? [] : ['what it sent cannot be sent here; it sends true'])]
    const value = known ? { value: known.value } : {}
    if (Number(repeat) > 0) {
      if (once === true) changed.push('it does not also fire once after the start')
      const intervalMs = Math.max(1, Math.round(Number(repeat) * 1_000))
      return source('Interval', { intervalMs, ...value }, ...changed)
    }
    if (typeof crontab === 'string' && crontab !== '') {
      if (once === true) changed.push('it does not also fire once after the start')
      return source('Cron', { pattern: crontab, value: known ? known.value : true }, ...changed)
    }
    const atStart = once === true
    const afterMs = atStart ? Math.max(0, Math.round(Number(onceDelay ?? 0) * 1_000)) || 0 : 0
    const click = 'a message to its Trigger does what a click on its button did'
    return source('Inject', { ...value, atStart, ...(afterMs > 0 && { afterMs }) }, ...changed, click)
  },
  debug: ({ fields }) => {
    const { complete, active } = fields
    const isWhole = complete === undefined || complete === 'false' || complete === 'payload' || complete === 'true'
    const field = isWhole ? '' : fieldOf(complete)
    if (field === undefined) return `it shows "msg.${String(complete)}", and only payloads travel here`
    const config = { ...(field !== '' && { field }), ...(active === false && { active: false }) }
    const changed = complete === 'true' ? ['it shows the payload, not a message object around it'] : []
    return { ...through('Debug', config, ...changed), outports: [] }
  },
  catch: (node, flow) => {
    const { fields } = node
    const nodes = listenedTo(node, flow)
    if (nodes === undefined) return 'what it listens to is a group, or not in the file'
    const changed = ['it also hears of failures that are tried again; its messages say node, what and reason']
    if (fields['uncaught'] === true) changed.push('it hears of errors that other nodes catch, too')
    return source('Catch', nodes.length > 0 ? { nodes } : {}, ...changed)
  },
  status: (node, flow) => {
    const nodes = listenedTo(node, flow)
    if (nodes === undefined) return 'what it listens to is a group, or not in the file'
    return source(
      'Status',
      nodes.length > 0 ? { nodes } : {},
      'it tells what becomes of nodes (started, blocked, failed …), not what they show under their box',
    )
  },
}

/** The names of the nodes it listens to: none where that is everything, `undefined` where it cannot be said. */
function listenedTo(node: FlowNode, flow: Flow): string[] | undefined {
  const { scope, z: tab } = node.fields
  if (scope === null || scope === undefined || scope === '') {
    // Everything is what is on the same tab.
    const beside = flow.placed.filter((other) => other !== node && other.fields['z'] === tab)
    return beside.length === flow.placed.length - 1 ? [] : beside.flatMap(({ id }) => flow.nameOf(id) ?? [])
  }
  const names = (Array.isArray(scope) ? scope : []).flatMap((id) => flow.nameOf(id) ?? [])
  return names.length > 0 ? names : undefined
}
