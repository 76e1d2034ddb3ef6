import type { WireEnd, WireSnapshot } from '../../shared/index.ts'

/**
 * The wire of a running network that a drawn one stands for: itself, or, at a node that is a graph of its own, the one that leads to a
 * node inside. Where several do, which one it is cannot be told, and there is none.
 */
export function runningWire(
  wires: ReadonlyMap<string, WireSnapshot> | undefined,
  drawn: { id: string; from: WireEnd; to: WireEnd },
): WireSnapshot | undefined {
  const same = wires?.get(drawn.id)
  if (same || !wires) return same
  const fits = (end: WireEnd, of: WireEnd) =>
    (end.node === of.node && end.port === of.port) || end.node.startsWith(`${of.node}/`)
  const found = [...wires.values()].filter(({ from, to }) => fits(from, drawn.from) && fits(to, drawn.to))
  return found.length === 1 ? found[0] : undefined
}
