import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { composeFiles, discoverGraphs } from '../../src/lab/index.ts'
import { edge, graph, wire } from '../graph/fixtures.ts'

let folder: string
beforeEach(() => (folder = mkdtempSync(path.join(tmpdir(), 'millrace-workspace-'))))
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function write(name: string, content: unknown): string {
  const file = path.join(folder, name)
  mkdirSync(path.dirname(file), { recursive: true })
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content))
  return file
}

describe('discoverGraphs', () => {
  it('finds graph files at any depth, and passes over what is not the user’s', () => {
    for (const name of ['b.graph.json', 'a/x.graph.json', 'a/b/y.graph.json', 'a.json', 'l.lab.json']) write(name, '{}')
    for (const name of ['.git/z.graph.json', 'node_modules/p/z.graph.json', 'out/z.graph.json']) write(name, '{}')
    expect(discoverGraphs(folder)).toEqual(['a/b/y.graph.json', 'a/x.graph.json', 'b.graph.json'])
  })
})

describe('composeFiles', () => {
  it('composes a folder, with the graphs inside laid open rather than beside', () => {
    write('parts/inner.graph.json', {
      ...graph({ log: 'DistributedLogger' }),
      inports: { Lines: { ...edge('log', 'Lines'), portName: 'Input' } },
    })
    write(
      'one.graph.json',
      graph({ t: 'Interval', s: 'parts/inner.graph.json' }, [wire('t.Output', 's.Lines')], { name: 'one' }),
    )
    write('two.graph.json', graph({ t: 'Interval' }, [], { name: 'two' }))
    const { composition, findings } = composeFiles([folder], { name: 'all' })
    expect(findings).toEqual([])
    expect(Object.keys(composition?.graph.processes ?? {})).toEqual(['one/t', 'one/s/log', 'two/t'])
  })

  it('leaves the file that it is to write out', () => {
    const output = write('all.graph.json', graph({ old: 'Interval' }))
    write('one.graph.json', graph({ t: 'Interval' }, [], { name: 'one' }))
    expect(composeFiles([folder], { name: 'all', except: output }).files).toEqual(['one.graph.json'])
  })

  it('tells every file that cannot be read, with line and column, and composes nothing', () => {
    write('a.graph.json', '{\n  "caseSensitive": true,\n}')
    write('b.graph.json', graph({ s: 'gone.graph.json' }))
    const { composition, findings } = composeFiles([folder], { name: 'all' })
    expect(composition).toBeUndefined()
    expect(findings.map(({ file, code, line }) => [path.basename(file), code, line])).toEqual([
      ['a.graph.json', 'FILE_INVALID', 3],
      ['b.graph.json', 'FILE_NOT_FOUND', undefined],
    ])
  })

  it('says so when there is nothing to compose', () => {
    expect(() => composeFiles([folder], { name: 'all' })).toThrow('there is no *.graph.json in it')
  })
})
