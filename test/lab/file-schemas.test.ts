import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { Ajv } from 'ajv'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatFile, readGraph, readLab } from '../../src/graph/index.ts'
import { fileSchemas } from '../../src/lab/file-schemas.ts'
import { anyGraph } from '../graph/edit/arbitraries.ts'

const schemas = fileSchemas()
const ajv = new Ajv({ allErrors: true, strict: false })
const validators = { graph: ajv.compile(schemas.graph), lab: ajv.compile(schemas.lab) }
const folder = path.resolve('resources/schema')

/** Every file of a kind in the repository that is meant to be right. */
function filesOf(kind: 'graph' | 'lab'): string[] {
  return readdirSync('resources', { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith(`.${kind}.json`))
    .map((file) => path.join('resources', file))
}

describe.each(['graph', 'lab'] as const)('the schema of %s files', (kind) => {
  it('is what the files are read with', async () => {
    await expect(formatFile(schemas[kind])).toMatchFileSnapshot(path.join(folder, `${kind}.schema.json`))
  })

  it('accepts every file of the repository', () => {
    const files = filesOf(kind)
    expect(files.length).toBeGreaterThan(1)
    for (const file of files) {
      validators[kind](JSON.parse(readFileSync(file, 'utf8')))
      expect([file, validators[kind].errors]).toEqual([file, null])
    }
  })
})

it('the schema of graph files agrees with the reader about any graph, whole or with a part taken out', () => {
  fc.assert(
    fc.property(anyGraph, fc.nat(), fc.constantFrom(undefined, null, 5, 'text', [], {}), (made, place, wrong) => {
      const broken = replaceOne(made, place, wrong)
      const text = JSON.stringify(broken)
      const isRead = readGraph(text).type === 'read'
      // An empty name is one of the few things that the schema does not say.
      if ((broken as { properties?: { name?: unknown } }).properties?.name === '') return
      expect([text, validators.graph(JSON.parse(text))]).toEqual([text, isRead])
    }),
    { numRuns: 200 },
  )
})

it('the schema of lab files refuses what the reader refuses by type', () => {
  const lab = { millrace: 1, instances: [{ networkId: 'a', instanceId: '1', graph: 'g.graph.json' }] }
  for (const broken of [{ ...lab, millrace: 2 }, { ...lab, instances: 1 }, { instances: [] }, { ...lab, name: 5 }]) {
    expect(validators.lab(broken)).toBe(false)
    expect(readLab(JSON.stringify(broken)).type).toBe('refused')
  }
  expect(validators.lab({ $schema: 'lab.schema.json', ...lab, mine: true })).toBe(true)
})

/** Puts something else in the place of one part of a value. */
function replaceOne(value: unknown, place: number, by: unknown): unknown {
  let count = 0
  const size = JSON.stringify(value).length
  return JSON.parse(JSON.stringify(value), (key, part: unknown) =>
    key !== '' && count++ === place % Math.max(1, Math.floor(size / 20)) ? by : part,
  )
}
