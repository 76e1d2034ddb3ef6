import { randomUUID } from 'node:crypto'
import * as v from 'valibot'
import { defineActor } from '../runtime/index.ts'
import { flag, text } from './fields.ts'

const config = v.object({
  separator: v.optional(text('what texts are split at'), '\n'),
  parts: v.optional(
    flag('whether each item says where it belongs: {id, index, count, value}, for Join to put together'),
    false,
  ),
})

/** Takes messages apart: arrays into items, objects into entries, texts at a separator. It waits for room item by item. */
export const split = defineActor({
  name: 'Split',
  description: 'Takes arrays, objects and texts apart and emits the items one by one.',
  inports: { Input: { description: 'an array, an object or a text; anything else is one item' } },
  outports: { Output: { description: 'items; of an object {key, value}' } },
  config,
  async run({ inputs: { Input: message }, config: { separator, parts }, out }) {
    const items = itemsOf(message, separator)
    const id = parts ? randomUUID() : ''
    for (const [index, value] of items.entries())
      await out.Output.send(parts ? { id, index, count: items.length, value } : value)
  },
})

function itemsOf(message: unknown, separator: string): readonly unknown[] {
  if (Array.isArray(message)) return message
  if (typeof message === 'string') return message.split(separator)
  if (typeof message !== 'object' || message === null || message instanceof Uint8Array) return [message]
  return Object.entries(message).map(([key, value]) => ({ key, value: value as unknown }))
}
