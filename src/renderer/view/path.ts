import type { TraceTree } from './trace-rows.ts'
import { nodeOfHop } from './trace-rows.ts'
import { nodeKey } from './topology.ts'

/** What is lit up on the canvas: nodes, and the lines between them. */
export interface Path {
  /** In words for a person: `Trace of 12 ms`, `Upstream of sink`. */
  title: string
  /** The nodes by their keys, each with its places in the order of the way, where it has one. */
  nodes: ReadonlyMap<string, PathStep>
  /** From node to node, by their keys; `undefined` when all lines between lit nodes are meant. */
  hops: readonly { from: string; to: string }[] | undefined
}

/** A node that is lit up. */
export interface PathStep {
  /** Its places in the order of the way, as they are numbered there; several for a node that it came to again. */
  orders: readonly number[]
  hasFailed: boolean
}

/** A line of the canvas, as far as a path needs it. */
export interface PathLine {
  key: string
  from: { key: string }
  to: { key: string }
}

/** The way of a message. */
export function pathOfTrace({ rows }: TraceTree, title: string): Path {
  const nodes = new Map<string, { orders: number[]; hasFailed: boolean }>()
  const keys = new Map<string, string>()
  const hops: { from: string; to: string }[] = []
  for (const { span, order } of rows.toSorted((one, other) => one.order - other.order)) {
    const node = nodeOfHop(span)
    if (node === undefined) continue
    const key = nodeKey(span.instance, node)
    keys.set(span.spanId, key)
    const from = keys.get(span.parentId ?? '')
    const isNew = from !== key
    if (isNew && from !== undefined) hops.push({ from, to: key })
    const step = nodes.get(key) ?? { orders: [], hasFailed: false }
    // Taking a message out to a link is no step of its own on the canvas.
    if (isNew) step.orders.push(order)
    step.hasFailed ||= span.failure !== undefined
    nodes.set(key, step)
  }
  return { title, nodes, hops }
}

/** All nodes that messages can come from, or go to, from a node on; it is one of them itself. */
export function reachOf(lines: readonly PathLine[], start: string, direction: 'upstream' | 'downstream'): Set<string> {
  const next = new Map<string, string[]>()
  for (const { from, to } of lines) {
    const [here, there] = direction === 'upstream' ? [to.key, from.key] : [from.key, to.key]
    next.set(here, [...(next.get(here) ?? []), there])
  }
  const reached = new Set([start])
  for (const key of reached) for (const other of next.get(key) ?? []) reached.add(other)
  return reached
}

/** Lights up nodes and all lines between them. */
export function pathOfNodes(keys: Iterable<string>, title: string): Path {
  return { title, nodes: new Map([...keys].map((key) => [key, { orders: [], hasFailed: false }])), hops: undefined }
}

/** Lights up a way from node to node, in order. */
export function pathOfRoute(keys: readonly string[], title: string): Path {
  return {
    title,
    nodes: new Map(keys.map((key, place) => [key, { orders: [place + 1], hasFailed: false }])),
    hops: keys.slice(1).map((to, place) => ({ from: keys[place] ?? '', to })),
  }
}

/** The node that is drawn for this one: itself, or the graph that it lies inside. */
export function drawnKey(key: string, isDrawn: (key: string) => boolean): string | undefined {
  if (isDrawn(key)) return key
  const slash = key.lastIndexOf('/')
  // `node network/instance id`: the first slash belongs to the instance.
  return slash > key.indexOf(' ', key.indexOf(' ') + 1) ? drawnKey(key.slice(0, slash), isDrawn) : undefined
}

/** The lines that are lit up. A hop to another instance may go by the node that stands for the peer's. */
export function linesOfPath(
  { nodes, hops }: Path,
  lines: readonly PathLine[],
  isDrawn: (key: string) => boolean,
): { lines: Set<string>; between: Set<string> } {
  const lit = new Set<string>()
  const between = new Set<string>()
  if (hops === undefined) {
    for (const { key, from, to } of lines) if (nodes.has(from.key) && nodes.has(to.key)) lit.add(key)
    return { lines: lit, between }
  }
  for (const hop of hops) {
    const [start, end] = [drawnKey(hop.from, isDrawn), drawnKey(hop.to, isDrawn)]
    const direct = lines.filter(({ from, to }) => from.key === start && to.key === end)
    for (const { key } of direct) lit.add(key)
    if (direct.length > 0) continue
    for (const first of lines.filter(({ from }) => from.key === start))
      for (const second of lines.filter(({ from, to }) => from.key === first.to.key && to.key === end)) {
        lit.add(first.key).add(second.key)
        between.add(first.to.key)
      }
  }
  return { lines: lit, between }
}
