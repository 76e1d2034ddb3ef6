import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fieldsOf, fieldText, readField, type FormField } from '../../src/renderer/view/config-form.ts'
import { initialsAt, readMessage } from '../../src/renderer/view/initial-rows.ts'
import { applyCommands } from '../../src/graph/index.ts'
import { fromTagged, toTagged, type GraphExport } from '../../src/shared/index.ts'
import { graph, initial } from '../graph/fixtures.ts'

/** Any JSON but with the one key that no graph may hold. */
const json = fc.jsonValue().filter((value) => !JSON.stringify(value).includes('__proto__'))
const schema = {
  properties: {
    size: { type: 'integer', minimum: 1, maximum: 10, default: 5, description: 'how many' },
    waitMs: { type: 'number' },
    level: { type: 'string', enum: ['info', 'warn'], default: 'info' },
    active: { type: 'boolean', default: true },
    name: { type: 'string', minLength: 2 },
    separator: { type: 'string', default: '\n' },
    columns: { type: 'array', items: { type: 'string' }, minItems: 1 },
    rules: { type: 'array', items: { type: 'object', properties: { set: { type: 'string' } }, required: ['set'] } },
    value: {},
  },
  required: ['name'],
}
const fields = new Map(fieldsOf(schema).map((field) => [field.key, field]))
const field = (key: string): FormField => fields.get(key) ?? expect.fail(`no field ${key}`)
const read = (key: string, text: string) => readField(field(key), text)

describe('a form made from the schema of a config', () => {
  it('asks for each field as its type wants it', () => {
    expect([...fields].map(([key, { kind }]) => `${key} ${kind}`)).toEqual([
      'size number',
      'waitMs number',
      'level choice',
      'active flag',
      'name text',
      'separator long',
      'columns lines',
      'rules json',
      'value json',
    ])
    expect(field('size')).toMatchObject({ fallback: 5, description: 'how many', isRequired: false })
    expect(field('waitMs').unit).toBe('ms')
  })

  it('says what is wrong with a text, in the words of the checks', () => {
    expect(read('size', 'seven')).toEqual({ type: 'fault', text: 'expected a number' })
    expect(read('size', '11')).toEqual({ type: 'fault', text: 'expected at most 10, found 11' })
    expect(read('size', '1.5')).toEqual({ type: 'fault', text: 'expected a whole number, found 1.5' })
    expect(read('name', '')).toEqual({ type: 'fault', text: 'is needed' })
    expect(read('rules', '[{}]')).toEqual({ type: 'fault', text: '0.set: is missing' })
    expect(read('rules', '[{')).toMatchObject({ type: 'fault', text: expect.stringMatching(/^not JSON: /) as string })
  })

  it('takes nothing for the default, and blanks for a text', () => {
    expect(read('size', '  ')).toEqual({ type: 'nothing' })
    expect(read('columns', '\n')).toEqual({ type: 'nothing' })
    expect(read('separator', ' ')).toEqual({ type: 'value', value: ' ' })
    expect(read('columns', 'a\nb\n')).toEqual({ type: 'value', value: ['a', 'b'] })
  })

  it('reads back every value that it has shown', () => {
    const values = fc.oneof(
      fc.record({ key: fc.constant('size'), value: fc.integer({ min: 1, max: 10 }) }),
      fc.record({ key: fc.constant('waitMs'), value: fc.double({ noNaN: true, noDefaultInfinity: true }) }),
      fc.record({ key: fc.constant('name'), value: fc.string({ minLength: 2 }) }),
      fc.record({ key: fc.constant('value'), value: json }),
      fc.record({ key: fc.constant('active'), value: fc.boolean() }),
    )
    fc.assert(
      fc.property(values, ({ key, value }) => {
        const shown = fieldText(field(key), value)
        expect(read(key, shown)).toEqual({ type: 'value', value: JSON.parse(JSON.stringify(value)) })
      }),
    )
  })
})

describe('the initial messages of a node', () => {
  it('are written as plainly as they can be, and read again as the same messages', () => {
    const of = {
      ...graph({ a: 'X' }, [
        initial('a.In', 7),
        initial('a.In', 3, { millrace: { kind: 'float' } }),
        initial('a.Other', { x: 1 }),
      ]),
    }
    const tagged: GraphExport = {
      ...of,
      properties: {
        name: 'g',
        millrace: { initials: [{ node: 'a', port: 'In', message: { type: 'Stream', data: [1, 2] } }] },
      },
    }
    expect(initialsAt(tagged, 'a').map(({ port, index, text }) => `${port} ${index} ${text}`)).toEqual([
      'In 0 7',
      'In 1 {"type":"Float","data":3}',
      'Other 0 {"x":1}',
      'In 2 {"type":"Stream","data":[1,2]}',
    ])
  })

  it('come back from the graph as whatever was typed', () => {
    fc.assert(
      fc.property(json, (value) => {
        const written = readMessage(JSON.stringify(value))
        if (written.type === 'fault') return expect(JSON.stringify(value)).toContain('$kind')
        const { graph: after } = applyCommands(graph({ a: 'X' }), [
          { type: 'addInitial', to: { node: 'a', port: 'In' }, message: written.message },
        ])
        const again = readMessage(initialsAt(after, 'a')[0]?.text ?? '')
        expect(meaning(again)).toEqual(meaning(written))
      }),
    )
    expect(readMessage('{"type":"Integer","data":"x"}')).toMatchObject({ type: 'fault' })
    expect(readMessage('')).toMatchObject({ type: 'fault' })
  })
})

function meaning(reading: ReturnType<typeof readMessage>): unknown {
  if (reading.type === 'fault') return reading
  const { message } = reading
  return toTagged('type' in message ? fromTagged(message) : message.data)
}
