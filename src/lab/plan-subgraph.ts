import path from 'node:path'
import { applyCommands, dissolveSubgraph, isGraphComponent, makeSubgraph } from '../graph/index.ts'
import { MillraceError, type GraphCommand, type GraphExport } from '../shared/index.ts'
import type { OpenGraph, OpenGraphs } from './open-graphs.ts'

/** Which nodes are to become a graph of their own, and its name. */
export interface SubgraphWish {
  nodes: readonly string[]
  /** Notes on the canvas that go with them. */
  notes?: readonly string[] | undefined
  name: string
  /** What is done first, as part of the step. */
  before?: readonly GraphCommand[] | undefined
}

/** Which node is to give way to what is inside it. */
export interface DissolutionWish {
  node: string
  before?: readonly GraphCommand[] | undefined
}

/** An edit of a graph, and the nodes that it puts there. */
interface Plan {
  /** What the step is called. */
  name: string
  commands: GraphCommand[]
  nodes: string[]
}

/**
 * Plans a graph of some nodes of an open one, in a file beside that one's.
 * @throws MillraceError `EDIT_INVALID`, `NODE_UNKNOWN`, `NOTE_UNKNOWN`, `NODE_DUPLICATE`, `NAME_INVALID`.
 */
export function planSubgraph(
  graphs: OpenGraphs,
  open: OpenGraph,
  { nodes, notes = [], name, before = [] }: SubgraphWish,
): Plan & { inner: GraphExport; component: string } {
  const drawn = applyCommands(open.file.document.graph, before).graph
  const component = graphs.freeFile(open, name)
  const keepStates = graphs.uses(open).length === 0
  const { inner, command, ids } = makeSubgraph(drawn, { nodes, notes, id: name, component, keepStates })
  return { inner, component, commands: [...before, command], nodes: ids, name: `make subgraph ${name}` }
}

/**
 * Plans to put what is inside a node of an open graph in its place.
 * @throws MillraceError `EDIT_INVALID`, `NODE_UNKNOWN`, `PORT_UNKNOWN`, `WIRE_DUPLICATE`, `FILE_NOT_FOUND`, `FILE_INVALID`, `FORBIDDEN`.
 */
export function planDissolution(
  graphs: OpenGraphs,
  open: OpenGraph,
  { node, before = [] }: DissolutionWish,
): Plan & { inside: OpenGraph } {
  const drawn = applyCommands(open.file.document.graph, before).graph
  const component = drawn.processes?.[node]?.component ?? ''
  // What is no graph is refused in the words of the edit.
  const inside = isGraphComponent(component) ? graphs.behind(open, component) : open
  const { command, ids } = dissolveSubgraph(drawn, {
    id: node,
    inner: inside.file.document.graph,
    nameFile: (file) => renamedFile(file, inside, open),
    keepStates: graphs.uses(open).length === 0,
  })
  return { inside, commands: [...before, command], nodes: ids, name: `dissolve subgraph ${node}` }
}

/** Refuses to give nodes other names by which peers know them. Throws `NODE_EXPORTED`. */
export function refuseExported(
  { instances }: OpenGraph,
  nodes: readonly string[],
  { exportsOf }: { exportsOf: (instance: string) => readonly string[] },
): void {
  for (const instance of instances) {
    const isMeant = (name: string) => nodes.some((node) => name === node || name.startsWith(`${node}/`))
    const exported = exportsOf(instance).find(isMeant)
    if (exported === undefined) continue
    const advice = 'leave it where it is, or take it out of "exports" in the lab file'
    throw new MillraceError(
      'NODE_EXPORTED',
      `peers of ${instance} know the node "${exported}" by that name, which it would lose; ${advice}`,
    )
  }
}

/** How a graph names a file that one inside it names. */
function renamedFile(file: string, inside: OpenGraph, outer: OpenGraph): string {
  if (path.isAbsolute(file)) return file
  const target = path.resolve(path.dirname(inside.key), file)
  return path.relative(path.dirname(outer.key), target).split(path.sep).join('/')
}
