import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseGraph, readGraph } from '../../src/graph/index.ts'
import { graph, wire } from './fixtures.ts'

/** The sample that Reflow's own SDK was seen to write. */
const reflow = {
  caseSensitive: true,
  properties: { name: 'data_instance', namespace: 'data', version: '1.0.0' },
  processes: {
    data_collector: { id: 'data_collector', component: 'DataCollector', metadata: { position: { x: 0, y: 0 } } },
    logger: { id: 'logger', component: 'DistributedLogger', metadata: null, scriptRuntime: 'Python' },
  },
  connections: [
    {
      from: {
        nodeId: 'data_collector',
        portId: 'Log',
        portName: '',
        expose: false,
        portType: { type: 'any' },
        index: null,
        data: null,
        metadata: null,
      },
      to: {
        nodeId: 'logger',
        portId: 'Input',
        portName: '',
        expose: false,
        portType: { type: 'array', value: { type: 'option', value: { type: 'object', value: 'Row' } } },
      },
      metadata: null,
      data: null,
    },
  ],
  inports: {
    trigger: {
      nodeId: 'data_collector',
      portId: 'trigger',
      portName: 'Trigger',
      expose: false,
      portType: { type: 'flow' },
    },
  },
  outports: {},
  groups: [{ id: 'intake', nodes: ['data_collector'] }],
  graphDependencies: [{ graphName: 'other', required: false }],
}

function messageOf(text: string): string {
  try {
    parseGraph(text, 'a.graph.json')
  } catch (error) {
    return error instanceof Error && 'code' in error ? `${String(error.code)} ${error.message}` : String(error)
  }
  return 'was read'
}

describe('parseGraph', () => {
  it('reads what Reflow writes and keeps fields it does not know', () => {
    expect(parseGraph(JSON.stringify(reflow), 'a.graph.json')).toEqual(reflow)
  })

  it('hands out any graph as it was written, unknown fields anywhere included', () => {
    const name = fc.string({ minLength: 1 }).filter((text) => !['__proto__', 'constructor', 'prototype'].includes(text))
    const extra = fc.dictionary(
      fc.string({ minLength: 1 }).map((key) => `x${key}`),
      // Refused by name, as the table below says.
      fc.jsonValue().filter((value) => !JSON.stringify(value).includes('__proto__')),
    )
    const anyGraph = fc
      .record({ ids: fc.uniqueArray(name, { minLength: 1, maxLength: 5 }), extra })
      .map(({ ids, extra: own }) => {
        const made = graph(Object.fromEntries(ids.map((id) => [id, ['Actor', own]])), [wire('a.b', 'c.d')])
        return { ...made, ...own, properties: { ...made.properties, ...own } }
      })
    fc.assert(
      fc.property(anyGraph, (made) => {
        const text = JSON.stringify(made)
        expect(JSON.stringify(parseGraph(text, 'x'))).toBe(text)
      }),
    )
  })

  it.each([
    ['', 'a.graph.json:1:1: expected a value'],
    ['{\n  "caseSensitive": true,\n}', 'a.graph.json:3:1: expected a key in double quotes'],
    ['{ "a": 1, // why\n}', 'a.graph.json:1:11: expected JSON, which has no comments'],
    ['{"a" 1}', 'a.graph.json:1:6: expected ":" after the key'],
    ['{"a": {"b": 1,\n "b": 2}}', 'a.graph.json:2:2: the key "b" occurs twice here'],
    ['{"__proto__": 1}', 'a.graph.json:1:2: the key "__proto__" is not allowed'],
    ['[1]', 'a.graph.json:1:1: expected an object'],
    [
      '{"caseSensitive":true,"properties":{"name":"x"},"processes":[]}',
      'a.graph.json:1:61: processes: expected an object',
    ],
    ['"text"', 'a.graph.json:1:1: expected an object'],
  ])('refuses %j and says where and what was expected', (text, expected) => {
    expect(messageOf(text)).toContain(`FILE_INVALID ${expected}`)
  })

  it('names the field that is missing or wrong, with its line', () => {
    const text = JSON.stringify(graph({ a: 'Source' }, [wire('a.Output', 'b.Input')]), undefined, 2)
    expect(messageOf(text.replace('"caseSensitive": true,', ''))).toContain('caseSensitive: is missing')
    const broken = text.replace('"component": "Source"', '"component": 7')
    const line = broken.split('\n').findIndex((row) => row.includes('"component": 7')) + 1
    expect(messageOf(broken)).toMatch(
      new RegExp(`a.graph.json:${line}:\\d+: processes.a.component: expected a text, found 7`),
    )
    expect(messageOf(text.replace('"type": "any"', '"type": "anything"'))).toContain(
      'connections[0].from.portType.type',
    )
    expect(messageOf('{"caseSensitive":true,"properties":{}}')).toContain('properties.name: is missing')
  })

  it('reports every problem, not only the first', () => {
    const reading = readGraph('{"properties": {"name": ""}, "processes": {"a": {"id": 1, "component": 2}}}')
    const pointers = reading.type === 'refused' ? reading.findings.map(({ pointer }) => pointer) : []
    expect(pointers.toSorted()).toEqual([
      '/caseSensitive',
      '/processes/a/component',
      '/processes/a/id',
      '/properties/name',
    ])
    expect(messageOf('{"properties": {"name": ""}}')).toContain('(and 1 more: "millrace check" lists them)')
  })

  it('refuses a node named like an inherited key, which would escape the checks', () => {
    expect(
      messageOf('{"caseSensitive":true,"properties":{"name":"x"},"processes":{"constructor":{"id":5}}}'),
    ).toContain('FILE_INVALID a.graph.json:1:61: processes: expected an object whose keys are names')
  })

  it('refuses a file that is nested without end instead of overflowing', () => {
    expect(messageOf('['.repeat(200_000))).toContain('FILE_INVALID')
    expect(messageOf(`{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`)).toContain('nested too deeply')
  })

  it('never throws anything but FILE_INVALID, whatever the bytes', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.json(),
          fc.string({ unit: fc.constantFrom('{', '}', '[', ']', '"', ':', ',', '1', 'a', '\n') }),
        ),
        (text) => {
          expect(messageOf(text)).toMatch(/^(FILE_INVALID|was read)/)
        },
      ),
    )
  })

  it('reads past a byte order mark', () => {
    expect(messageOf(`\uFEFF${JSON.stringify(reflow)}`)).toBe('was read')
  })
})
