import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { builtInActors } from '../../src/actors/index.ts'
import { parseGraph } from '../../src/graph/index.ts'
import { describeActors } from '../../src/lab/actor-catalogue.ts'
import { checkFile } from '../../src/lab/file-check.ts'

const folder = new URL('../../resources/examples/ml-pipeline/', import.meta.url)
const catalogue = describeActors(builtInActors)

test('every built-in actor has a name of its own, a description, and a config that a catalogue can show', () => {
  expect(new Set(catalogue.map(({ name }) => name)).size).toBe(builtInActors.length)
  for (const { name, description, config } of catalogue) {
    expect(description).not.toBe('')
    expect(config['type'], name).toBe('object')
  }
  const front = catalogue.find(({ name }) => name === 'HttpFront')
  expect(front?.config).toMatchObject({ properties: { port: { format: 'port', default: 9080 } } })
  const collector = catalogue.find(({ name }) => name === 'DataCollector')
  expect(collector?.config).toMatchObject({ properties: { file: { format: 'path' } } })
})

test.each(['weather.lab.json', 'tutorial.lab.json'])('a check of %s finds nothing but its example tokens', (name) => {
  const findings = checkFile(fileURLToPath(new URL(name, folder)), {})
  const faults = findings.filter(({ severity }) => severity !== 'note')
  expect(faults.filter(({ severity, message }) => severity === 'error' || !message.includes('_TOKEN'))).toEqual([])
})

const graphs = ['ml', 'weather/data', 'weather/api', 'tutorial/data', 'tutorial/api']

test.each(graphs)('no two nodes of %s.graph.json lie on one another', (name) => {
  const text = readFileSync(fileURLToPath(new URL(`${name}.graph.json`, folder)), 'utf8')
  const places = Object.values(parseGraph(text, name).processes ?? {}).map((node) =>
    JSON.stringify(node.metadata?.['position']),
  )
  expect(new Set(places).size).toBe(places.length)
})
