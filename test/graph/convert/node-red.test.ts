import { readFileSync } from 'node:fs'
import { afterAll, describe, expect, it } from 'vitest'
import { builtInActors } from '../../../src/actors/index.ts'
import { checkGraph, fromNodeRed, initialsOf, nodesOf, wireId, wiresOf } from '../../../src/graph/index.ts'
import { describeActors } from '../../../src/lab/actor-catalogue.ts'
import { nodePlatform } from '../../../src/lab/node-platform.ts'
import { Network } from '../../../src/runtime/index.ts'
import type { GraphExport } from '../../../src/shared/index.ts'

const catalogue = describeActors(builtInActors)
const read = (name: string) => fromNodeRed(JSON.parse(readFileSync(`test/corpus/${name}.json`, 'utf8')), name)
const componentsOf = (made: GraphExport) =>
  Object.fromEntries(nodesOf(made).map(({ id, component }) => [id, component]))
const wiresIn = (made: GraphExport) => wiresOf(made).map(({ from, to }) => wireId(from, to))

let network: Network | undefined
afterAll(() => network?.stop({ drainMs: 0 }))

/** Runs a graph until so many lines have been logged; gives them sorted, without their numbers. */
async function logOf(made: GraphExport, expected: number): Promise<string[]> {
  const lines: string[] = []
  let finish = () => {}
  const done = new Promise<void>((resolve) => (finish = resolve))
  const running = new Network({
    platform: nodePlatform,
    log: ({ text }) => {
      lines.push(text.replace(/^#\d+ /, ''))
      if (lines.length === expected) finish()
    },
  })
  network = running
  for (const actor of builtInActors) running.register(actor)
  for (const { id, component, metadata } of nodesOf(made)) running.addNode(id, component, { metadata })
  for (const { from, to } of wiresOf(made)) running.addWire(from, to)
  for (const { to, value } of initialsOf(made)) running.addInitial(to, value)
  await running.start()
  await done
  await running.stop({ drainMs: 0 })
  return lines.sort()
}

/** Only some nodes of a graph, and the wires between them. */
function part({ processes = {}, connections = [], ...rest }: GraphExport, ids: readonly string[]): GraphExport {
  return {
    ...rest,
    processes: Object.fromEntries(Object.entries(processes).filter(([id]) => ids.includes(id))),
    connections: connections.filter(({ from, to }) => ids.includes(from.nodeId) && ids.includes(to.nodeId)),
    groups: [],
  }
}

describe('fromNodeRed', () => {
  it('gives each of the core nodes its counterpart, and the rest a placeholder with its reason', () => {
    const { graph, notes } = read('node-red-core')
    expect(componentsOf(graph)).toEqual({
      once: 'Inject',
      daily: 'Cron',
      split: 'Split',
      route: 'Switch',
      mark: 'Change',
      say: 'Template',
      show: 'Debug',
      code: 'node-red/function',
      later: 'Delay',
      rate: 'Throttle',
      quiet: 'Debounce',
      tens: 'Batch',
      order: 'Sort',
      three: 'Join',
      'to json': 'JsonFormat',
      keep: 'FileWrite',
      read: 'FileRead',
      rows: 'CsvParse',
      scale: 'Map',
      folder: 'FileWatch',
      ask: 'HttpRequest',
      front: 'HttpIn',
      answer: 'HttpResponse',
      plant: 'MqttIn',
      out: 'MqttOut',
      listen: 'WebSocketClient',
      'answer all': 'node-red/websocket-out',
      errors: 'Catch',
      states: 'Status',
      uptime: 'Exec',
      shell: 'node-red/exec',
      off: 'node-red/inject',
      silent: 'node-red/debug',
    })
    const placeholders = notes.filter(({ type }) => type === 'placeholder')
    expect(placeholders.map(({ node }) => node)).toEqual(['code', 'answer all', 'shell', 'off', 'silent'])
    expect(graph.groups?.map(({ id, nodes }) => [id, nodes.length])).toEqual([
      ['Core nodes', 31],
      ['Switched off', 2],
    ])
    expect(graph.properties['millrace']).toEqual({
      notes: [{ id: 'co1', text: 'Read me\nOne of each', position: { x: 5, y: 6 } }],
    })
  })

  it('brings every http in to one port with its method and path, written as they are now', () => {
    const routes = ['/hello', '/users/:id', '/list/:page?', '/files/*', 'plain']
    const flow = routes.map((url, index) => ({
      id: `h${index}`,
      type: 'http in',
      z: 't',
      url,
      method: 'post',
      wires: [[]],
    }))
    const { graph } = fromNodeRed([{ id: 't', type: 'tab' }, ...flow], 'flow')
    expect(Object.values(graph.processes ?? {}).map(({ metadata }) => metadata)).toMatchObject(
      ['/hello', '/users/:id', '/list{/:page}', '/files/*rest', '/plain'].map((path) => ({
        port: 9090,
        method: 'POST',
        path,
      })),
    )
    expect(checkGraph(graph, undefined, catalogue).filter(({ severity }) => severity === 'error')).toEqual([])
  })

  it.each(['node-red-core', 'node-red-subflow', 'node-red-flow'])(
    'makes of %s a graph whose only errors are its placeholders',
    (name) => {
      const { graph, notes } = read(name)
      const errors = checkGraph(graph, undefined, catalogue).filter(({ severity }) => severity === 'error')
      const placeholders = notes.filter(({ type }) => type === 'placeholder').map(({ node }) => node)
      expect(errors.map(({ code, node }) => [code, node])).toEqual(
        placeholders.map((node) => ['NODE_PLACEHOLDER', node]),
      )
      expect(placeholders.length).toBeGreaterThan(0)
    },
  )

  it('follows links, and wires answers back to where their requests come in', () => {
    const wires = wiresIn(read('node-red-core').graph)
    expect(wires).toEqual(
      expect.arrayContaining([
        'daily.Output -> ask.Input',
        'scale.Output -> code.Input',
        'front.Request -> answer.Input',
        'answer.Response -> front.Response',
        'folder.Output -> read.Trigger',
        'route.Case2 -> mark.Input',
        'route.Else -> show.Input',
      ]),
    )
  })

  it('lays subflows open, one for each use, and leaves one that contains itself', () => {
    const { graph, notes } = read('node-red-subflow')
    expect(wiresIn(graph).sort()).toEqual([
      'go.Output -> left_one.Input',
      'go.Output -> plain.Input',
      'left_one.Output -> left_two.Input',
      'left_two.Output -> right_one.Input',
      'right_one.Output -> right_two.Input',
      'right_two.Output -> made.Input',
    ])
    expect(notes.filter(({ type }) => type === 'placeholder').map(({ message }) => message)).toEqual([
      expect.stringMatching(/^"lost" .* its subflow is not in the file$/),
      expect.stringMatching(/^"endless_again" .* its subflow contains itself$/),
    ])
  })

  it('makes graphs that run, and do what the flows did', async () => {
    const core = part(read('node-red-core').graph, ['once', 'split', 'route', 'mark', 'say', 'show'])
    expect(await logOf(core, 3)).toEqual(['object {"id":"a","n":3}', 'string "b: 30"', 'string "c: 12"'])
    const uses = ['go', 'left_one', 'left_two', 'right_one', 'right_two', 'made', 'plain']
    expect(await logOf(part(read('node-red-subflow').graph, uses), 2)).toEqual([
      'object {"a":0,"one":1,"two":2}',
      'object {"a":0}',
    ])
  })

  it.each([
    ['switch', { property: 'topic', rules: [{ t: 'eq', v: 'a', vt: 'str' }] }, 'only payloads travel'],
    ['switch', { property: 'payload', rules: [{ t: 'regex', v: '(?<=a)b', vt: 'str' }] }, 'rule 1 (regex)'],
    ['switch', { property: 'payload', rules: [{ t: 'else' }, { t: 'true' }] }, 'not the last rule'],
    ['change', { rules: [{ t: 'set', p: 'topic', pt: 'msg', to: 'a', tot: 'str' }] }, 'rule 1 (set topic)'],
    ['change', { rules: [{ t: 'set', p: 'payload.a', pt: 'msg', to: 'b', tot: 'flow' }] }, 'rule 1'],
    ['template', { template: '{{flow.x}}', output: 'str' }, 'fills in "flow.x"'],
    ['delay', { pauseType: 'queue' }, 'way of its own'],
    ['delay', { pauseType: 'delay', timeout: '3', timeoutUnits: 'days' }, 'longer than a day'],
    ['trigger', { op1type: 'str', op1: '1', op2type: 'str' }, 'first and later'],
    ['join', { mode: 'auto' }, 'follows it at once'],
    ['join', { mode: 'reduce' }, 'expressions'],
    ['batch', { mode: 'count', count: '3', overlap: '1' }, 'overlap'],
    ['http request', { method: 'GET', url: 'https://h/{{payload}}', ret: 'txt' }, 'not plain'],
    ['http request', { method: 'GET', url: 'https://h/?apikey=hunter2', ret: 'txt' }, 'secret'],
    ['http request', { method: 'use', url: 'https://h/', ret: 'txt' }, 'how it asks'],
    ['mqtt in', { topic: 'a', broker: 'none' }, 'broker is not in the file'],
    ['file', { filename: 'topic', filenameType: 'msg' }, 'named by messages'],
    ['toString', {}, 'no counterpart here'],
  ])('makes a placeholder of a %s node that cannot be had as it is set: %j', (type, fields, reason) => {
    const flow = [{ id: 'a', type, z: 't', name: 'it', wires: [], ...fields }]
    const { graph, notes } = fromNodeRed(flow, 'a')
    expect(graph.processes?.['it']?.component).toMatch(/^node-red\//)
    expect(notes.find((note) => note.type === 'placeholder')?.message).toContain(reason)
    expect(JSON.stringify(graph)).not.toContain('hunter2')
  })

  it.each([
    ['change', { rules: [{ t: 'set', p: 'payload', pt: 'msg', to: '7', tot: 'num' }] }, 'Map', { expression: '7' }],
    [
      'change',
      { rules: [{ t: 'move', p: 'payload.and', pt: 'msg', to: 'payload', tot: 'msg' }] },
      'Map',
      { expression: '$.`and`' },
    ],
    ['template', { template: '{{#payload.l}}{{n}}{{/payload.l}}' }, 'Template', { template: '{{#l}}{{n}}{{/l}}' }],
    ['template', { syntax: 'plain', template: 'a "b"' }, 'Map', { expression: '"a \\"b\\""' }],
    ['delay', { pauseType: 'rate', rate: '1', rateUnits: 'minute', drop: true }, 'Throttle', { excess: 'drop' }],
    ['json', { action: 'obj' }, 'JsonParse', {}],
    ['inject', { repeat: '1', payload: 'a', payloadType: 'str' }, 'Interval', { value: 'a', intervalMs: 1_000 }],
  ])('makes of a %s node with %j a %s', (type, fields, component, config) => {
    const { graph } = fromNodeRed([{ id: 'a', type, z: 't', name: 'it', wires: [], ...fields }], 'a')
    expect(graph.processes?.['it']?.component).toBe(component)
    expect(graph.processes?.['it']?.metadata).toMatchObject(config)
    expect(checkGraph(graph, undefined, catalogue).filter(({ severity }) => severity === 'error')).toEqual([])
  })

  it('reads fields that hold a "toString" where a number or a text belongs', () => {
    const odd = { toString: null }
    const fields = { name: 'it', once: true, onceDelay: [odd], repeat: odd }
    const { graph } = fromNodeRed([{ id: 'a', type: 'inject', z: 't', wires: [], ...fields }], 'a')
    expect(graph.processes?.['it']?.component).toBe('Inject')
  })
})
