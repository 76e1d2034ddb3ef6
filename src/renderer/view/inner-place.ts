import type { WireEnd } from '../../shared/index.ts'
import type { Selected } from './selected.ts'

/**
 * The graph inside a node, as it is edited: the window gives it a name like that of an instance, so that it is edited as those are, while
 * its nodes have the ids of its own file. What runs of it, and what all panels share as selected, is named by the instance and the whole
 * way: `n/1 › a/b` and `first` here are `n/1` and `a/b/first` there.
 */
export interface InnerPlace {
  instance: string
  /** The way to the node whose graph it is: `a/b`. */
  path: string
}

const into = ' › '

/** Names the graph inside a node; with no way into anything, the instance. */
export function innerName({ instance, path }: InnerPlace): string {
  return path === '' ? instance : `${instance}${into}${path}`
}

/** Reads such a name; `undefined` for what names an instance of the lab. */
export function innerPlace(name: string, isInstance: (name: string) => boolean): InnerPlace | undefined {
  if (isInstance(name)) return undefined
  const at = name.indexOf(into)
  return at === -1 ? undefined : { instance: name.slice(0, at), path: name.slice(at + into.length) }
}

/** The ends of a wire inside, as the running network names them. */
export function runningEnds({ path }: { path: string }, { from, to }: { from: WireEnd; to: WireEnd }) {
  const ends = { from: { ...from, node: `${path}/${from.node}` }, to: { ...to, node: `${path}/${to.node}` } }
  return { ...ends, id: `${ends.from.node}.${from.port} -> ${ends.to.node}.${to.port}` }
}

/** What a selection of something inside is to everyone else. */
export function runningSelected(inside: Selected, place: InnerPlace | undefined): Selected {
  if (!place) return inside
  const { instance, path } = place
  switch (inside.type) {
    case 'node':
      return { type: 'node', instance, node: `${path}/${inside.node}` }
    case 'wire':
      return {
        type: 'wire',
        instance,
        wire: inside.wire
          .split(arrow)
          .map((end) => `${path}/${end}`)
          .join(arrow),
      }
    default:
      // The frame of a graph stands for the node that it is inside of.
      return { type: 'node', instance, node: path }
  }
}

/** What of a graph inside is selected, by its own names; `undefined` when it is something else. */
export function selectedInside(selected: Selected | undefined, { instance, path }: InnerPlace): Selected | undefined {
  const name = innerName({ instance, path })
  if (selected?.instance !== instance) return undefined
  if (selected.type === 'node')
    return selected.node.startsWith(`${path}/`)
      ? { type: 'node', instance: name, node: selected.node.slice(path.length + 1) }
      : undefined
  if (selected.type !== 'wire') return undefined
  const ends = selected.wire.split(arrow)
  if (!ends.every((end) => end.startsWith(`${path}/`))) return undefined
  return { type: 'wire', instance: name, wire: ends.map((end) => end.slice(path.length + 1)).join(arrow) }
}

const arrow = ' -> '
