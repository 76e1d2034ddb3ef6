import type { Findings } from './finding.ts'
import { exportedNodes, type GraphScope } from './graph-scope.ts'
import { wireId, wiresOf, type GraphWire } from './graph-parts.ts'
import { cycleThrough, cyclicParts, reachableFrom, wiringOf } from './wiring.ts'

/** More than these of one sort say nothing new; the rest is counted. */
const cyclesTold = 20

/** Checks how messages can go: cycles, nodes that none can come to, nodes whose output nobody takes. */
export function checkFlow(scope: GraphScope, findings: Findings): void {
  const wires = wiresOf(scope.graph)
  checkCycles(scope, wires, findings)
  checkReach(scope, wires, findings)
}

/**
 * A cycle whose wires all block stands still for ever once it is full: every node waits for the next. One wire that gives
 * way (any policy but `block`) is enough to keep it moving, and bounds it. So does a node that begins by itself, such as an
 * HTTP front: what comes back to it is the answer to what it began, and ends there.
 */
function checkCycles(scope: GraphScope, wires: GraphWire[], findings: Findings): void {
  const ids = [...scope.nodes.keys()]
  const isBound = ({ to, policy }: GraphWire) =>
    (policy !== undefined && policy !== 'block') || scope.isSelfStarting(to.node)
  const tell = (members: GraphWire[], code: 'CYCLE' | 'CYCLE_BLOCKING') => {
    const wiring = wiringOf(ids, members)
    const parts = cyclicParts(wiring).map((part) => {
      const start = Math.min(...part)
      const cycle = cycleThrough(start, part, wiring).map((number) => ids[number] ?? '')
      return { start, cycle, size: part.length }
    })
    for (const { cycle, size } of parts.sort((one, other) => one.start - other.start).slice(0, cyclesTold)) {
      const inside = wiresAlong(cycle, members)
      const closing = inside.at(-1)
      if (closing === undefined) continue
      const others = size > cycle.length ? ` (one of the cycles among ${size} nodes)` : ''
      const route = `${shortened([...cycle, cycle[0] ?? ''])}${others}`
      const path = ['connections', closing.index]
      if (code === 'CYCLE_BLOCKING')
        findings.warning(
          code,
          path,
          `${route}: when all its wires are full, these nodes wait for each other for ever; let one give way, such as "policy": "drop-oldest" on ${wireId(closing.from, closing.to)}`,
          {
            title: 'let this wire drop its oldest message when it is full',
            automatic: false,
            commands: [
              { type: 'setWireOptions', from: closing.from, to: closing.to, options: { policy: 'drop-oldest' } },
            ],
          },
        )
      else findings.note(code, path, `${route}: messages can go round here; ${boundOf(inside.find(isBound))}`)
    }
    return new Set(parts.flatMap(({ cycle }) => cycle))
  }
  const blocking = wires.filter((wire) => !isBound(wire))
  const told = tell(blocking, 'CYCLE_BLOCKING')
  if (blocking.length < wires.length)
    tell(
      wires.filter(({ from, to }) => !told.has(from.node) && !told.has(to.node)),
      'CYCLE',
    )
}

/** The first wire of each step of a cycle; the last one closes it. */
function wiresAlong(cycle: string[], wires: GraphWire[]): GraphWire[] {
  return cycle.flatMap((node, step) => {
    const next = cycle[(step + 1) % cycle.length]
    return wires.find(({ from, to }) => from.node === node && to.node === next) ?? []
  })
}

function boundOf(wire: GraphWire | undefined): string {
  if (wire === undefined) return 'other wires of the cycle bound it'
  if (wire.policy !== undefined && wire.policy !== 'block')
    return `${wireId(wire.from, wire.to)} gives way when it is full (${wire.policy})`
  return `"${wire.to.node}" begins and ends what goes round`
}

function shortened(names: string[]): string {
  const shown = names.length > 8 ? [...names.slice(0, 4), `… ${names.length - 6} more …`, ...names.slice(-2)] : names
  return shown.join(' -> ')
}

function checkReach(scope: GraphScope, wires: GraphWire[], findings: Findings): void {
  const { graph, nodes, context } = scope
  const wiring = wiringOf(nodes.keys(), wires)
  const numbersOf = (ids: Iterable<string>) => [...ids].flatMap((id) => wiring.numbers.get(id) ?? [])
  const fromOutside = new Set([
    ...scope.initials().map(({ to }) => to.node),
    ...Object.values(graph.inports ?? {}).map(({ nodeId }) => nodeId),
    ...exportedNodes(context),
  ])
  const beginnings = [...nodes.values()].filter(({ id }) => fromOutside.has(id) || scope.beginsByItself(id))
  const reached = reachableFrom(numbersOf(beginnings.map(({ id }) => id)), wiring.next)
  const outwards = new Set([
    ...Object.values(graph.outports ?? {}).map(({ nodeId }) => nodeId),
    ...exportedNodes(context),
  ])
  for (const [number, id] of wiring.ids.entries()) {
    const isWired = (wiring.next[number]?.length ?? 0) + (wiring.previous[number]?.length ?? 0) > 0
    // What is wired to nothing is told as an orphan.
    if (!isWired) continue
    if (!reached.has(number))
      findings.warning(
        'NODE_UNREACHABLE',
        ['processes', id],
        `no message can come to node "${id}": nothing before it begins by itself, has an initial message or is exported`,
      )
    const outports = Object.keys(scope.ports(id, 'outports') ?? {})
    if (outports.length > 0 && wiring.next[number]?.length === 0 && !outwards.has(id) && !nodes.get(id)?.remote)
      findings.note(
        'NODE_DEAD_END',
        ['processes', id],
        `nothing takes what node "${id}" emits (${outports.join(', ')})`,
      )
  }
}
