import { existsSync, realpathSync } from 'node:fs'
import path from 'node:path'
import { describeGraph, flattenGraph, graphComponentsOf, parseGraph, type GraphSource } from '../graph/index.ts'
import { isMillraceError, MillraceError, type ActorDescription, type GraphExport } from '../shared/index.ts'
import { readTextFile } from './text-file.ts'

/** A graph with all the graphs inside it laid open, and every file that was read for it. */
export interface OpenedGraph {
  graph: GraphExport
  /** Real paths. */
  files: string[]
}

/**
 * Lays the graphs inside a graph open; their paths are relative to the file that names them. `file` is where the graph was read.
 * @throws MillraceError that names the node's graph: `FILE_NOT_FOUND`, `FILE_INVALID`, `SUBGRAPH_CYCLE`, `PORT_UNKNOWN`.
 */
export function openInnerGraphs(graph: GraphExport, file: string): OpenedGraph {
  const files = new Set([realPath(file)])
  const read = new Map<string, GraphExport>()
  const resolve = (component: string, user: GraphSource): GraphSource => {
    const key = realPath(path.resolve(path.dirname(user.key), component))
    const known = read.get(key) ?? parseGraph(readTextFile(key, shownPath(key)), shownPath(key))
    read.set(key, known)
    files.add(key)
    return { key, name: shownPath(key), graph: known }
  }
  try {
    const flat = flattenGraph({ key: realPath(file), name: shownPath(file), graph }, resolve)
    return { graph: flat, files: [...files] }
  } catch (error) {
    if (!isMillraceError(error)) throw error
    throw new MillraceError(error.code, `the graphs inside ${shownPath(file)}: ${error.message}`, { cause: error })
  }
}

/** Describes the graphs that a graph's nodes name, as actors; those that cannot be read are left out. */
export function describeInnerGraphs(
  graph: GraphExport,
  file: string,
  catalogue: readonly ActorDescription[],
): ActorDescription[] {
  return graphComponentsOf(graph).flatMap((component) => {
    const inner = path.resolve(path.dirname(realPath(file)), component)
    try {
      const read = parseGraph(readTextFile(inner), inner)
      return [describeGraph(component, read, [...catalogue, ...outermost(read, inner, catalogue)])]
    } catch (error) {
      // A check of the node says that its graph cannot be had.
      if (isMillraceError(error)) return []
      throw error
    }
  })
}

/** Describes what is one level further in, whose own insides do not matter to the ports of the outer one. */
function outermost(graph: GraphExport, file: string, catalogue: readonly ActorDescription[]): ActorDescription[] {
  return graphComponentsOf(graph).flatMap((component) => {
    try {
      const inner = path.resolve(path.dirname(realPath(file)), component)
      return [describeGraph(component, parseGraph(readTextFile(inner), inner), catalogue)]
    } catch (error) {
      if (isMillraceError(error)) return []
      throw error
    }
  })
}

/** Where the graph files inside a graph lie, as far as they are there. */
export function innerGraphFiles(graph: GraphExport, file: string): string[] {
  return graphComponentsOf(graph).map((component) => path.resolve(path.dirname(realPath(file)), component))
}

function realPath(file: string): string {
  const whole = path.resolve(file)
  return existsSync(whole) ? realpathSync(whole) : whole
}

function shownPath(file: string): string {
  return path.relative(process.cwd(), file)
}
