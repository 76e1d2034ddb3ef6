import path from 'node:path'
import { describeGraph, flattenGraph, graphComponentsOf, parseGraph, type GraphSource } from '../graph/index.ts'
import { isMillraceError, MillraceError, type ActorDescription, type GraphExport } from '../shared/index.ts'
import { keyOf, realPath } from './open-graphs.ts'
import { readTextFile, shownPath } from './text-file.ts'

/** A graph with all the graphs inside it laid open, and every file that was read for it. */
export interface OpenedGraph {
  graph: GraphExport
  /** Real paths. */
  files: string[]
}

/**
 * Lays the graphs inside a graph open; their paths are relative to the file that names them. `file` is where the graph was read;
 * `known` has those that need not be read, by their real paths.
 * @throws MillraceError that names the node's graph: `FILE_NOT_FOUND`, `FILE_INVALID`, `SUBGRAPH_CYCLE`, `PORT_UNKNOWN`.
 */
export function openInnerGraphs(
  graph: GraphExport,
  file: string,
  known: ReadonlyMap<string, GraphExport> = new Map(),
): OpenedGraph {
  const files = new Set([realPath(file)])
  const read = new Map(known)
  const resolve = (component: string, user: GraphSource): GraphSource => {
    const key = realPath(path.resolve(path.dirname(user.key), component))
    const inner = read.get(key) ?? parseGraph(readTextFile(key, shownPath(key)), shownPath(key))
    read.set(key, inner)
    files.add(key)
    return { key, name: shownPath(key), graph: inner }
  }
  try {
    const flat = flattenGraph({ key: realPath(file), name: shownPath(file), graph }, resolve)
    return { graph: flat, files: [...files] }
  } catch (error) {
    if (!isMillraceError(error)) throw error
    throw new MillraceError(error.code, `the graphs inside ${shownPath(file)}: ${error.message}`, { cause: error })
  }
}

/** Finds the graph at a real path. Throws `FILE_NOT_FOUND`, `FILE_INVALID`. */
export type ReadGraphAt = (key: string) => GraphExport

const readFromDisk: ReadGraphAt = (key) => parseGraph(readTextFile(key), key)

/** Describes the graphs that a graph's nodes name, as actors; those that cannot be read are left out. */
export function describeInnerGraphs(
  graph: GraphExport,
  file: string,
  catalogue: readonly ActorDescription[],
  readAt = readFromDisk,
): ActorDescription[] {
  return graphComponentsOf(graph).flatMap((component) => {
    const inner = keyOf(component, realPath(file))
    return ifReadable(() => {
      const read = readAt(inner)
      return describeGraph(component, read, [...catalogue, ...outermost(read, inner, catalogue, readAt)])
    })
  })
}

/** Describes what is one level further in, whose own insides do not matter to the ports of the outer one. */
function outermost(
  graph: GraphExport,
  key: string,
  catalogue: readonly ActorDescription[],
  readAt: ReadGraphAt,
): ActorDescription[] {
  return graphComponentsOf(graph).flatMap((component) =>
    ifReadable(() => describeGraph(component, readAt(keyOf(component, key)), catalogue)),
  )
}

function ifReadable<Value>(read: () => Value): Value[] {
  try {
    return [read()]
  } catch (error) {
    // A check of the node says that its graph cannot be had.
    if (isMillraceError(error)) return []
    throw error
  }
}

/** Where the graph files inside a graph lie, as far as they are there. */
export function innerGraphFiles(graph: GraphExport, file: string): string[] {
  return graphComponentsOf(graph).map((component) => path.resolve(path.dirname(realPath(file)), component))
}
