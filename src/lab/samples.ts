import { existsSync, readdirSync, realpathSync } from 'node:fs'
import path from 'node:path'
import { isWithin } from './trust.ts'

/** A lab that came with Millrace. */
export interface Sample {
  id: string
  title: string
  /** What there is to see, in a sentence. */
  purpose: string
  kind: 'lab' | 'actor'
  file: string
}

const labs = [
  {
    id: 'weather',
    title: 'Weather',
    purpose: 'Three linked instances learn from 1,461 real days in Seattle to tell wet days from dry ones.',
    file: 'ml-pipeline/weather.lab.json',
  },
  {
    id: 'tutorial',
    title: 'The tutorial',
    purpose: 'The same three instances on random data: collect, train, predict over HTTP.',
    file: 'ml-pipeline/tutorial.lab.json',
  },
  {
    id: 'own-actors',
    title: 'Own actors',
    purpose: 'A lab that brings actors of its own in TypeScript; change one while it runs.',
    file: 'own-actors/own-actors.lab.json',
  },
] as const

/** What of the catalogue needs something that a first try does not have: another program, a server, a right. */
const needsMore = new Set(['exec', 'mqtt', 'websocket-client'])

/** Lists the shipped labs, those that tell most first, then a small graph for each actor of the catalogue. */
export function readSamples(examples: string): Sample[] {
  const whole = labs.map((lab): Sample => ({ ...lab, kind: 'lab', file: path.join(examples, lab.file) }))
  const catalogue = path.join(examples, 'catalogue')
  const graphs = existsSync(catalogue) ? readdirSync(catalogue).filter((name) => name.endsWith('.graph.json')) : []
  const small = graphs.sort().flatMap((name): Sample[] => {
    const id = name.replace('.graph.json', '')
    if (needsMore.has(id)) return []
    const purpose = `A small graph that shows the actor “${id}” at work.`
    return [{ id: `catalogue/${id}`, title: id, purpose, kind: 'actor', file: path.join(catalogue, name) }]
  })
  return [...whole.filter(({ file }) => existsSync(file)), ...small]
}

/** The examples that came with Millrace lie beside the built worker. */
export function examplesBeside(workerFile: string): string {
  return path.resolve(path.dirname(workerFile), '../../resources/examples')
}

/** Whether a folder came with Millrace, and so needs no trust of its own. */
export function isShipped(folder: string, workerFile: string): boolean {
  const examples = examplesBeside(workerFile)
  return existsSync(examples) && isWithin(folder, realpathSync(examples))
}
