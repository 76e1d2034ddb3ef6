import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { Ajv } from 'ajv'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { builtInActors } from '../../src/actors/index.ts'
import {
  analyseGraph,
  applyCommands,
  checkGraph,
  checkLab,
  diffGraphs,
  formatFile,
  fromFbp,
  readGraph,
  readLab,
  toFbp,
  toMermaid,
  type Finding,
} from '../../src/graph/index.ts'
import { describeActors } from '../../src/lab/actor-catalogue.ts'
import { fileSchemas } from '../../src/lab/file-schemas.ts'
import { checkFile, convertFile, importText } from '../../src/lab/index.ts'
import { errorCodes, isMillraceError, type GraphExport } from '../../src/shared/index.ts'
import expected from '../corpus/expected.json' with { type: 'json' }

const folder = path.resolve(import.meta.dirname, '../corpus')
const read = (name: string) => readFileSync(path.join(folder, name), 'utf8')

const files = readdirSync(folder)
  .filter((name) => /\.(graph|lab)\.json$/.test(name))
  .sort()
const env = { CORPUS_TOKEN: 'set' }
const catalogue = describeActors(builtInActors)

describe('the corpus of graph and lab files', () => {
  it('has what to expect for each of its files', () => {
    expect(files).toEqual(Object.keys(expected).sort())
    expect(files.length).toBeGreaterThanOrEqual(40)
  })

  it.each(Object.entries(expected))('has %s checked as expected, and left as it is', (name, findings) => {
    const before = read(name)
    const found = checkFile(path.join(folder, name), env)
    const lines = found.map(({ severity, code }) => `${severity} ${code}`)
    if (findings[0]?.startsWith('*')) expect(new Set(lines)).toEqual(new Set([`error ${findings[0].slice(1)}`]))
    else expect(lines).toEqual(findings)
    for (const { code, pointer, line, column, node, wire, message } of found) {
      expect(Object.keys(errorCodes)).toContain(code)
      expect(message).not.toBe('')
      // Whatever stands in a text has a place in it.
      expect([pointer, (line ?? 0) > 0, (column ?? 0) > 0]).toEqual([pointer, true, true])
      const [, section, key] = pointer.split('/')
      if (section === 'processes' && key !== undefined) expect(node).toBe(key)
      if (section === 'connections' && key !== undefined && code !== 'FILE_INVALID')
        expect(node ?? wire).not.toBeUndefined()
    }
    expect(read(name)).toBe(before)
  })

  it('offers fixes that are edits, and leave what they were offered for mended', () => {
    let mended = 0
    for (const name of files.filter((file) => file.endsWith('.graph.json'))) {
      const reading = readGraph(read(name))
      if (reading.type === 'refused') continue
      const check = (made: GraphExport) => checkGraph(made, undefined, catalogue)
      const shown = ({ code, pointer, message }: Finding) => `${code} ${pointer} ${message}`
      for (const finding of check(reading.value)) {
        if (finding.fix === undefined) continue
        const { graph } = applyCommands(reading.value, finding.fix.commands)
        expect([name, check(graph).map(shown)]).not.toEqual([name, expect.arrayContaining([shown(finding)])])
        mended += 1
      }
    }
    expect(mended).toBeGreaterThan(20)
  })

  it('ends in findings or a coded error, however a file of it is damaged', () => {
    const sources = readdirSync(folder).filter((name) => !/^(expected\.json|syntax-deep)/.test(name))
    const damage = fc.record({
      name: fc.constantFrom(...sources),
      at: fc.nat(),
      length: fc.nat(40),
      by: fc.string({ maxLength: 3 }),
      part: fc.option(fc.jsonValue({ maxDepth: 2 }), { nil: undefined }),
    })
    fc.assert(
      fc.property(damage, ({ name, at, length, by, part }) => {
        const text = read(name)
        const start = at % text.length
        const cut = `${text.slice(0, start)}${by}${text.slice(start + length)}`
        const damaged = part === undefined ? cut : (withPart(text, at, part) ?? cut)
        if (name.endsWith('.lab.json')) {
          const reading = readLab(damaged)
          if (reading.type === 'read') checkLab(reading.value, damaged, {}, catalogue, {})
          return
        }
        try {
          const { graph } = importText(damaged, name)
          checkGraph(graph, damaged, catalogue)
          analyseGraph(graph)
          toFbp(graph)
          toMermaid(graph)
          expect(diffGraphs(graph, JSON.parse(formatFile(graph)) as GraphExport)).toEqual([])
        } catch (error) {
          if (!isMillraceError(error)) throw error
        }
      }),
      { numRuns: 250 },
    )
  })

  it('has each of its files judged alike by the JSON Schemas and the readers', () => {
    const ajv = new Ajv({ strict: false })
    const { graph, lab } = fileSchemas()
    const fits = { graph: ajv.compile(graph), lab: ajv.compile(lab) }
    for (const name of files) {
      const text = read(name)
      const kind = name.endsWith('.lab.json') ? 'lab' : 'graph'
      const reading = kind === 'lab' ? readLab(text) : readGraph(text)
      // A key that occurs twice is seen in the text alone, and so is a text that is no JSON.
      if (/^(syntax|node-duplicate)/.test(name)) expect(reading.type).toBe('refused')
      else expect([name, fits[kind](JSON.parse(text))]).toEqual([name, reading.type === 'read'])
    }
  })
})

/** Puts a value in the place of one part of a JSON text; nothing where it is none. */
function withPart(text: string, place: number, by: unknown): string | undefined {
  let count = 0
  const parts = text.split(',').length
  try {
    const value: unknown = JSON.parse(text, (key, part: unknown) =>
      key !== '' && count++ === place % parts ? by : part,
    )
    return JSON.stringify(value)
  } catch {
    // It is broken already.
    return undefined
  }
}

describe('graphs of other programs', () => {
  it('reads NoFlo’s, with exported ports, groups, places and initial messages', () => {
    const { format, graph, notes } = importText(read('noflo-count-lines.json'), 'count.json')
    expect(format).toBe('noflo')
    expect(notes.map(({ type }) => type)).toEqual(['changed'])
    expect(graph.processes?.['Read File']).toEqual({
      id: 'Read File',
      component: 'filesystem/ReadFile',
      metadata: { label: 'Read', position: { x: 36, y: 72 } },
    })
    expect(
      graph.connections?.map(({ from, to, data }) => [from.nodeId, from.portId, to.nodeId, to.portId, data]),
    ).toEqual([
      ['', '', 'Read File', 'in', 'package.json'],
      ['Read File', 'out', 'Split by Lines', 'in', undefined],
      ['Split by Lines', 'out', 'Display', 'in[1]', undefined],
    ])
    expect(graph.inports?.['filename']).toMatchObject({ nodeId: 'Read File', portName: 'in' })
    expect(graph.groups).toEqual([{ id: 'reading', nodes: ['Read File'] }])
  })

  it('reads Node-RED’s: counterparts, marked placeholders, no secrets, and a report of it all', () => {
    const { format, graph, notes } = importText(read('node-red-flow.json'), 'flow.json')
    expect(format).toBe('node-red')
    expect(Object.values(graph.processes ?? {}).map(({ id, component }) => [id, component])).toEqual([
      ['tick', 'Interval'],
      ['double', 'node-red/function'],
      ['show', 'Debug'],
      ['mqtt-in_m1', 'MqttIn'],
    ])
    expect(graph.processes?.['tick']?.metadata).toMatchObject({ intervalMs: 2_000, value: 5 })
    expect(graph.connections?.map(({ from, to }) => `${from.nodeId}.${from.portId} ${to.nodeId}.${to.portId}`)).toEqual(
      [
        'tick.Output double.Input',
        'tick.Output show.Input',
        'double.Output show.Input',
        'mqtt-in_m1.Output show.Input',
      ],
    )
    expect(JSON.stringify(graph)).not.toContain('hunter2')
    expect(notes.filter(({ type }) => type === 'placeholder').map(({ node }) => node)).toEqual(['double'])
    expect(notes.filter(({ type }) => type === 'lost')).toHaveLength(2)
  })

  it('reads .fbp, and says where one is broken', () => {
    const { graph } = importText(read('flow.fbp'), 'flow.fbp')
    expect(Object.keys(graph.processes ?? {})).toEqual(['Read', 'Split', 'Count', 'Display'])
    expect(graph.properties['name']).toBe('ReadSomefile')
    expect(() => importText(read('broken.fbp'), 'broken.fbp')).toThrow(
      expect.objectContaining({ code: 'FILE_INVALID', message: expect.stringMatching(/^broken\.fbp:\d+:\d+: /) }),
    )
  })

  it('gives back the very graph that was written as .fbp, and the wiring to tools that know no more', () => {
    const { graph } = importText(read('valid-groups.graph.json'), 'a.graph.json')
    const { text } = toFbp(graph)
    expect(fromFbp(text, 'a.fbp', 'a')).toEqual({ graph, notes: [] })
    const bare = fromFbp(text.replace(/^# millrace.*$/m, ''), 'a.fbp', 'a').graph
    expect(bare.connections?.map(({ from, to }) => `${from.nodeId} ${to.nodeId}`)).toEqual(['t k'])
  })

  it('draws a graph for Mermaid and as SVG, and lets no markup through', async () => {
    const { graph } = importText(read('valid-small.graph.json'), 'a.graph.json')
    const hostile = { ...graph, processes: { ...graph.processes, '<script>"x': { id: '', component: '</text>' } } }
    expect(toMermaid(hostile)).not.toContain('<script')
    const out = mkdtempSync(path.join(tmpdir(), 'millrace-svg-'))
    await convertFile(path.join(folder, 'valid-small.graph.json'), path.join(out, 'a.svg'))
    expect(readFileSync(path.join(out, 'a.svg'), 'utf8')).toMatch(/^<svg[^]*class="wire"[^]*<\/svg>\n$/)
    rmSync(out, { recursive: true })
  })
})
