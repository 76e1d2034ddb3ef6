import { isRecord } from '../../graph-parts.ts'
import { takeName } from '../conversion.ts'

/** A node of a flow as its file has it. */
export interface FlowNode {
  id: string
  type: string
  fields: Readonly<Record<string, unknown>>
}

/** The nodes of a Node-RED export, and who sends to whom. */
export class Flow {
  /** Everything in the file: tabs, groups, config nodes too. */
  readonly all: readonly FlowNode[]
  /** The nodes that do something. */
  readonly placed: readonly FlowNode[]
  readonly #byId: ReadonlyMap<string, FlowNode>
  readonly #names: ReadonlyMap<string, string>
  readonly #sources = new Map<string, FlowNode[]>()

  constructor(all: readonly FlowNode[]) {
    this.all = all
    this.#byId = new Map(all.map((node) => [node.id, node]))
    this.placed = all.filter(
      (node) => !isPassedOver(node) && typeof node.fields['z'] === 'string' && node.fields['z'] !== '',
    )
    const taken = new Set<string>()
    this.#names = new Map(this.placed.map((node) => [node.id, takeName(nameOf(node), taken)]))
    for (const node of this.placed)
      for (const id of new Set(this.outputs(node).flat())) {
        const known = this.#sources.get(id)
        if (known) known.push(node)
        else this.#sources.set(id, [node])
      }
  }

  /** Any node of the file by its id. */
  find(id: unknown): FlowNode | undefined {
    return typeof id === 'string' ? this.#byId.get(id) : undefined
  }

  /** What a placed node is called in the graph. */
  nameOf(id: unknown): string | undefined {
    return typeof id === 'string' ? this.#names.get(id) : undefined
  }

  /** The ids at the end of each output's wires; junctions and links, which only pass messages on, are followed. */
  outputs(node: FlowNode): string[][] {
    return wiresOf(node).map((targets) => this.#followed(targets))
  }

  /** The placed nodes that a node sends to. */
  targets(node: FlowNode): FlowNode[] {
    return [...new Set(this.outputs(node).flat())].flatMap((id) => this.find(id) ?? [])
  }

  /** The placed nodes that send to a node. */
  sources(node: FlowNode): readonly FlowNode[] {
    return this.#sources.get(node.id) ?? []
  }

  /** Whether a node, or the tab that it is on, is switched off. */
  isDisabled(node: FlowNode): boolean {
    return node.fields['d'] === true || this.find(node.fields['z'])?.fields['disabled'] === true
  }

  #followed(targets: readonly string[]): string[] {
    const open = new Set(targets)
    const found: string[] = []
    // A set that grows while it is walked is a queue.
    for (const id of open) {
      const node = this.#byId.get(id)
      if (node === undefined || !passesOn(node)) found.push(id)
      else for (const next of wiresOf(node).flat()) open.add(next)
    }
    return found
  }
}

/** Reads the nodes of an export; what is no node is left out. */
export function flowNodesOf(value: unknown): FlowNode[] {
  return (Array.isArray(value) ? value : []).flatMap((entry: unknown): FlowNode[] => {
    if (!isRecord(entry) || typeof entry['id'] !== 'string' || typeof entry['type'] !== 'string') return []
    return [{ id: entry['id'], type: entry['type'], fields: entry }]
  })
}

/** The ids that each output of a node is wired to, as the file has them. */
export function wiresOf({ type, fields }: FlowNode): string[][] {
  const texts = (list: unknown) =>
    (Array.isArray(list) ? list : []).filter((id): id is string => typeof id === 'string')
  const isLink = type === 'link out' && fields['mode'] !== 'return'
  return (isLink ? [fields['links']] : Array.isArray(fields['wires']) ? fields['wires'] : []).map(texts)
}

/** A text field of a node; empty when it is none. */
export function text(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

function isPassedOver(node: FlowNode): boolean {
  return ['tab', 'group', 'comment', 'subflow'].includes(node.type) || passesOn(node)
}

function passesOn({ type, fields }: FlowNode): boolean {
  return type === 'junction' || type === 'link in' || (type === 'link out' && fields['mode'] !== 'return')
}

function nameOf({ type, id, fields }: FlowNode): string {
  const given = text(fields['name'])
    .replaceAll(/[/@\p{Cc}]+/gu, '_')
    .trim()
  return given === '' ? `${type.replaceAll(/[\s/@]+/g, '-')}_${id.slice(0, 6)}` : given.slice(0, 80)
}
