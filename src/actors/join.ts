import * as v from 'valibot'
import { defineActor } from '../runtime/index.ts'
import { describeError } from '../shared/index.ts'
import { choice, count, duration, text } from './fields.ts'

const config = v.object({
  by: v.optional(
    choice(['parts', 'count'], 'whether items say where they belong (Split with parts), or so many are one'),
    'parts',
  ),
  count: v.optional(count('items that make one message, with by "count"', { most: 100_000 }), 10),
  into: v.optional(
    choice(['array', 'text', 'object'], 'what they become: objects are merged, later fields win'),
    'array',
  ),
  separator: v.optional(text('what stands between texts'), '\n'),
  timeoutMs: v.optional(duration('items that wait longer for the rest go out at Incomplete'), 60_000),
  maxGroups: v.optional(
    count('messages that may be incomplete at once; the oldest goes out at Incomplete', { most: 10_000 }),
    100,
  ),
})

const partSchema = v.object({ id: v.string(), index: v.number(), count: v.number(), value: v.unknown() })

interface Group {
  readonly sinceMs: number
  readonly size: number
  readonly items: unknown[]
  filled: number
}

/** Puts items together again. What stays incomplete is never dropped: it comes out at `Incomplete`, at a stop too. */
export const join = defineActor({
  name: 'Join',
  description: 'Puts items together into arrays, texts or objects: those of Split, or so many at a time.',
  inports: { Input: {} },
  outports: { Output: {}, Incomplete: { kind: 'array', description: 'items whose rest did not come in time' } },
  config,
  state: () => ({ groups: new Map<string, Group>() }),
  start({ config: { timeoutMs }, state: { groups }, out, log }) {
    const giveUp = async (isDue: (group: Group) => boolean) => {
      for (const [id, group] of groups) {
        if (!isDue(group)) continue
        groups.delete(id)
        await out.Incomplete.send(itemsOf(group))
      }
    }
    const look = () =>
      void giveUp(({ sinceMs }) => performance.now() - sinceMs >= timeoutMs).catch((error: unknown) =>
        log.error(describeError(error)),
      )
    const timer = setInterval(look, Math.min(timeoutMs, 1_000))
    return async () => {
      clearInterval(timer)
      await giveUp(() => true)
    }
  },
  run({ inputs: { Input: item }, config: settings, state: { groups }, out, reject }) {
    const part = settings.by === 'parts' ? v.safeParse(partSchema, item) : undefined
    if (part?.success === false)
      return reject('it does not say where it belongs; let Split emit parts, or join by count')
    const {
      id,
      index,
      count: size,
      value,
    } = part?.output ?? { id: '', index: undefined, count: settings.count, value: item }
    if (size > 100_000) return reject(`a message of ${size} items is more than is kept`)
    const group = groups.get(id) ?? { sinceMs: performance.now(), size, items: [], filled: 0 }
    groups.set(id, group)
    group.items[index ?? group.filled] = value
    group.filled += 1
    if (group.filled >= group.size) {
      groups.delete(id)
      return { Output: together(itemsOf(group), settings) }
    }
    const [oldest] = groups.size > settings.maxGroups ? groups : []
    if (oldest === undefined) return
    groups.delete(oldest[0])
    out.Incomplete.send(itemsOf(oldest[1]))
  },
})

function itemsOf({ items }: Group): unknown[] {
  return items.filter((_item, index) => index in items)
}

function together(items: unknown[], { into, separator }: v.InferOutput<typeof config>): unknown {
  switch (into) {
    case 'text':
      return items.map(String).join(separator)
    case 'object':
      return Object.assign({}, ...items) as unknown
    default:
      return items
  }
}
