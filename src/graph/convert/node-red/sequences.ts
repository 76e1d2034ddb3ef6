import { through, type Counterparts } from './counterpart.ts'
import { text, type Flow, type FlowNode } from './flow.ts'

const mostItems = 100_000

/** What takes messages apart and puts them together: split, join, sort, batch. */
export const sequences: Counterparts = {
  split: (node, flow) => {
    const { fields } = node
    const { splt, spltType, arraySplt, arraySpltType, stream, property } = fields
    if ((property ?? 'payload') !== 'payload') return `it splits "msg.${text(property)}"`
    if ((spltType ?? 'str') !== 'str') return 'it splits at bytes or by length'
    if (stream === true) return 'it takes its messages as one stream'
    if (arraySpltType === 'len' && Number(arraySplt ?? 1) !== 1)
      return 'it splits arrays into pieces of more than one item'
    const parts = marksParts(node, flow)
    const changed = parts
      ? ['its items say where they belong: {id, index, count, value}']
      : ['of an object it gives {key, value}; its items do not say where they belong']
    return through('Split', { separator: unescaped(splt, '\n'), ...(parts && { parts }) }, ...changed)
  },
  join: (node, flow) => {
    const { fields } = node
    const { mode, build, count, joiner, timeout, accumulate, useparts } = fields
    if ((mode ?? 'auto') === 'auto') {
      const sources = flow.sources(node)
      const isPair =
        sources.length > 0 && sources.every((source) => source.type === 'split' && marksParts(source, flow))
      if (!isPair)
        return 'it puts together what a split far before it took apart; here only one that follows it at once can'
      return through('Join', { by: 'parts', into: 'array' }, 'it makes an array, whatever was taken apart')
    }
    if (mode !== 'custom') return 'it reduces a sequence by expressions'
    if (accumulate === true || accumulate === 'true') return 'it sends after every message what has come so far'
    if (useparts === true) return 'it goes by the parts that messages name'
    const into = { array: 'array', string: 'text', merged: 'object' }[text(build)]
    if (into === undefined) return `it builds ${text(build) || 'by topic'}, and topics do not travel here`
    const size = Number(count)
    if (!(Number.isInteger(size) && size >= 1 && size <= mostItems)) return 'it does not say how many messages make one'
    const timeoutMs = Number(timeout) > 0 ? Math.round(Number(timeout) * 1_000) : undefined
    const config = {
      by: 'count',
      count: size,
      into,
      ...(into === 'text' && { separator: unescaped(joiner, '\n') }),
      ...(timeoutMs !== undefined && { timeoutMs }),
    }
    return through('Join', config, 'what stays incomplete comes out at Incomplete')
  },
  sort: ({ fields }) => {
    const { target, targetType, msgKey, msgKeyType, order, as_num: asNumbers } = fields
    if (targetType !== 'msg' || (target ?? 'payload') !== 'payload') return 'it sorts a sequence of messages'
    const by =
      msgKeyType === 'elem' ? '' : /^[A-Za-z_]\w*(\.[A-Za-z_]\w*)*$/.test(text(msgKey)) ? text(msgKey) : undefined
    if (by === undefined) return `it sorts by the expression ${text(msgKey)}`
    const changed = asNumbers === true ? [] : ['numbers are compared by size']
    return through(
      'Sort',
      { what: 'array', ...(by !== '' && { by }), order: order === 'descending' ? 'descending' : 'ascending' },
      ...changed,
    )
  },
  batch: ({ fields }) => {
    const { mode, count, overlap, interval } = fields
    const changed = 'it makes one message of several, an array, where they stayed messages of a sequence'
    if (mode === 'count') {
      if (Number(overlap) > 0) return 'its groups overlap'
      const size = Number(count)
      if (!(Number.isInteger(size) && size >= 1 && size <= mostItems))
        return `its groups are of ${text(count)} messages`
      return through('Batch', { size }, changed)
    }
    if (mode === 'interval' && Number(interval) > 0)
      return through('Batch', { size: mostItems, maxWaitMs: Math.round(Number(interval) * 1_000) }, changed)
    return 'it puts topics one after the other, and they do not travel here'
  },
}

/** Whether all that a split sends to are joins that put its items together again. */
function marksParts(split: FlowNode, flow: Flow): boolean {
  const targets = flow.targets(split)
  return (
    targets.length > 0 && targets.every(({ type, fields }) => type === 'join' && (fields['mode'] ?? 'auto') === 'auto')
  )
}

/** Node-RED writes a line break as two letters. */
function unescaped(value: unknown, otherwise: string): string {
  return typeof value === 'string'
    ? value.replaceAll('\\n', '\n').replaceAll('\\t', '\t').replaceAll('\\r', '\r')
    : otherwise
}
