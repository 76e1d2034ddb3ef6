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
import { isMillraceError, type ActorDescription, type ErrorCode, type GraphExport } from '../shared/index.ts'
import { describeActors } from './actor-catalogue.ts'
import { describeInnerGraphs, innerGraphFiles, openInnerGraphs } from './graph-files.ts'
import { graphFileOf } from './lab-source.ts'
import { readTextFile } from './text-file.ts'
import type { OwnActorKnowledge } from './own-actors/module.ts'

/** A finding and the file it is in, as the user named it. */
export interface FileFinding extends Finding {
  file: string
}

/**
 * Checks a lab with all its graphs, or a lone graph. Whatever is wrong is a finding, a file that cannot be read too.
 * `own` is what is known of the lab's own actors; without it, nodes whose actor may be one of them are passed over.
 */
export function checkFile(file: string, env: Environment = process.env, own?: OwnActorKnowledge): FileFinding[] {
  try {
    return checkText(file, readTextFile(file), env, own)
  } catch (error) {
    if (!isMillraceError(error)) throw error
    return [{ file, code: error.code, severity: 'error', message: error.message, pointer: '' }]
  }
}

function checkText(file: string, text: string, env: Environment, own: OwnActorKnowledge | undefined): FileFinding[] {
  const catalogue = [...describeActors(builtInActors), ...(own?.actors ?? [])]
  const inFile = (findings: readonly Finding[], where = file): FileFinding[] =>
    findings.map((finding) => ({ file: where, ...finding }))
  if (fileKind(text, file) === 'graph') {
    const reading = readGraph(text)
    if (reading.type === 'refused') return inFile(reading.findings)
    const lab = labOfGraph(path.basename(file), reading.value)
    const [instance] = lab.instances
    const known = [...catalogue, ...describeInnerGraphs(reading.value, file, catalogue)]
    const context = instance && { lab, instance, graphs: {}, env }
    const outer = inFile(checkGraph(reading.value, text, known, context))
    return [...outer, ...checkInside({ graph: reading.value, text, file }, outer, catalogue)]
  }
  const reading = readLab(text)
  if (reading.type === 'refused') return inFile(reading.findings)
  const lab = reading.value
  const graphs = readGraphs(lab, file, text)
  const mayBeOwn = lab.actors !== undefined && own === undefined
  const found = Object.fromEntries(
    Object.entries(graphs).flatMap(([name, { graph, file: where }]) =>
      graph === undefined ? [] : [[name, laidOpen(graph, where)]],
    ),
  ) satisfies Graphs
  return [
    ...inFile(checkLab(lab, text, found, catalogue, env)),
    ...inFile(brokenModules(text, own)),
    ...Object.values(graphs).flatMap(({ findings }) => findings),
    ...lab.instances.flatMap((instance) => {
      const read = graphs[instance.graph]
      if (read?.graph === undefined) return []
      const known = [...catalogue, ...describeInnerGraphs(read.graph, read.file, catalogue)]
      const context = { lab, instance, graphs: found, env }
      const outer = inFile(checkGraph(read.graph, read.text, known, context), read.file)
      const inside = checkInside({ graph: read.graph, text: read.text, file: read.file }, outer, catalogue)
      const all = [...outer, ...inside]
      return mayBeOwn ? all.filter(({ code }) => code !== 'ACTOR_UNKNOWN') : all
    }),
  ]
}

/** With the graphs inside laid open, so that `parent/child` is found; as it is when that cannot be done, which is told elsewhere. */
function laidOpen(graph: GraphExport, file: string): GraphExport {
  try {
    return openInnerGraphs(graph, file).graph
  } catch (error) {
    if (isMillraceError(error)) return graph
    throw error
  }
}

/** Checks the graphs inside a graph, each once, and whether they can be laid open. `own` is what was found in the outer one. */
function checkInside(
  { graph, text, file }: { graph: GraphExport; text: string; file: string },
  own: readonly FileFinding[],
  catalogue: readonly ActorDescription[],
): FileFinding[] {
  const findings: FileFinding[] = []
  const seen = new Set([path.resolve(file)])
  const open = [...innerGraphFiles(graph, file)]
  for (const inner of open) {
    if (seen.has(inner)) continue
    seen.add(inner)
    const shown = path.relative(process.cwd(), inner)
    const read = readGraphFile(shown, () => [])
    findings.push(...read.findings)
    if (read.graph === undefined) continue
    const known = [...catalogue, ...describeInnerGraphs(read.graph, inner, catalogue)]
    findings.push(...checkGraph(read.graph, read.text, known).map((finding) => ({ file: shown, ...finding })))
    open.push(...innerGraphFiles(read.graph, inner))
  }
  if ([...own, ...findings].some(({ severity }) => severity === 'error')) return findings
  try {
    openInnerGraphs(graph, file)
  } catch (error) {
    if (!isMillraceError(error)) throw error
    const told = new Findings(locateIn(text))
    told.error(error.code, ['processes'], error.message)
    findings.push(...told.list.map((finding) => ({ file, ...finding })))
  }
  return findings
}

function brokenModules(text: string, own: OwnActorKnowledge | undefined): Finding[] {
  const findings = new Findings(locateIn(text))
  for (const error of own?.errors ?? []) findings.error('ACTOR_MODULE_INVALID', ['actors'], error)
  return findings.list
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
