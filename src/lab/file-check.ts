import path from 'node:path'
import { builtInActors } from '../actors/index.ts'
import {
  checkGraph,
  checkLab,
  fileKind,
  Findings,
  instanceName,
  labOfGraph,
  locateIn,
  readGraph,
  readLab,
  type Environment,
  type Finding,
  type Graphs,
  type LabFile,
} from '../graph/index.ts'
import { isMillraceError, type ErrorCode, type GraphExport } from '../shared/index.ts'
import { describeActors } from './actor-catalogue.ts'
import { graphFileOf, readTextFile } from './lab-source.ts'

/** A finding and the file it is in, as the user named it. */
export interface FileFinding extends Finding {
  file: string
}

/** Checks a lab with all its graphs, or a lone graph. Whatever is wrong is a finding, a file that cannot be read too. */
export function checkFile(file: string, env: Environment = process.env): FileFinding[] {
  try {
    return checkText(file, readTextFile(file), env)
  } catch (error) {
    if (!isMillraceError(error)) throw error
    return [{ file, code: error.code, severity: 'error', message: error.message, pointer: '' }]
  }
}

function checkText(file: string, text: string, env: Environment): FileFinding[] {
  const catalogue = describeActors(builtInActors)
  const inFile = (findings: readonly Finding[], where = file): FileFinding[] =>
    findings.map((finding) => ({ file: where, ...finding }))
  if (fileKind(text, file) === 'graph') {
    const reading = readGraph(text)
    if (reading.type === 'refused') return inFile(reading.findings)
    const lab = labOfGraph(path.basename(file), reading.value)
    const [instance] = lab.instances
    return inFile(checkGraph(reading.value, text, catalogue, instance && { lab, instance, graphs: {}, env }))
  }
  const reading = readLab(text)
  if (reading.type === 'refused') return inFile(reading.findings)
  const lab = reading.value
  const graphs = readGraphs(lab, file, text)
  const found = Object.fromEntries(
    Object.entries(graphs).flatMap(([name, { graph }]) => (graph === undefined ? [] : [[name, graph]])),
  ) satisfies Graphs
  return [
    ...inFile(checkLab(lab, text, found, catalogue, env)),
    ...Object.values(graphs).flatMap(({ findings }) => findings),
    ...lab.instances.flatMap((instance) => {
      const read = graphs[instance.graph]
      if (read?.graph === undefined) return []
      return inFile(checkGraph(read.graph, read.text, catalogue, { lab, instance, graphs: found, env }), read.file)
    }),
  ]
}

interface ReadGraphFile {
  file: string
  text: string
  graph: GraphExport | undefined
  findings: FileFinding[]
}

function readGraphs(lab: LabFile, labFile: string, labText: string): Record<string, ReadGraphFile> {
  return Object.fromEntries(
    lab.instances.map((instance, index) => {
      const file = path.relative(process.cwd(), graphFileOf(labFile, instance))
      const refuse = (code: ErrorCode, message: string): FileFinding[] => {
        const findings = new Findings(locateIn(labText))
        findings.error(code, ['instances', index, 'graph'], `the graph of ${instanceName(instance)}, ${message}`)
        return findings.list.map((finding) => ({ file: labFile, ...finding }))
      }
      return [instance.graph, readGraphFile(file, refuse)]
    }),
  )
}

function readGraphFile(file: string, refuse: (code: ErrorCode, message: string) => FileFinding[]): ReadGraphFile {
  let text: string
  try {
    text = readTextFile(file)
  } catch (error) {
    if (!isMillraceError(error)) throw error
    return { file, text: '', graph: undefined, findings: refuse(error.code, error.message) }
  }
  const reading = readGraph(text)
  if (reading.type === 'read') return { file, text, graph: reading.value, findings: [] }
  return { file, text, graph: undefined, findings: reading.findings.map((finding) => ({ file, ...finding })) }
}
