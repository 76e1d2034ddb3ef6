/** Who feeds whom in a graph: nodes by number, each pair of them once, however many wires join it. */
export interface Wiring {
  readonly ids: readonly string[]
  /** The number of a node by its id. */
  readonly numbers: ReadonlyMap<string, number>
  /** By number: those that the node sends to. */
  readonly next: readonly (readonly number[])[]
  /** By number: those that send to the node. */
  readonly previous: readonly (readonly number[])[]
}

/** What of a wire matters here: which nodes it joins. */
export interface Joint {
  from: { node: string }
  to: { node: string }
}

/** Numbers nodes and joins them; wires from or to nodes that are not listed are left out. */
export function wiringOf(nodeIds: Iterable<string>, wires: Iterable<Joint>): Wiring {
  const ids = [...nodeIds]
  const numbers = new Map(ids.map((id, number) => [id, number]))
  const next = ids.map(() => new Set<number>())
  const previous = ids.map(() => new Set<number>())
  for (const { from, to } of wires) {
    const [source, target] = [numbers.get(from.node), numbers.get(to.node)]
    if (source === undefined || target === undefined) continue
    next[source]?.add(target)
    previous[target]?.add(source)
  }
  return { ids, numbers, next: next.map((set) => [...set]), previous: previous.map((set) => [...set]) }
}

/** Everything that can be reached from some nodes, themselves included, going by `next` or `previous`. */
export function reachableFrom(starts: Iterable<number>, neighbours: Wiring['next']): Set<number> {
  const reached = new Set(starts)
  // A set that grows while it is walked is a queue.
  for (const node of reached) for (const other of neighbours[node] ?? []) reached.add(other)
  return reached
}

/**
 * Finds the strongly connected parts of more than one node, and nodes that feed themselves: every cycle lies in one of them.
 * Tarjan's algorithm (1972), without recursion, so that a chain of any length can be walked.
 */
export function cyclicParts({ ids, next }: Wiring): number[][] {
  const order = new Int32Array(ids.length).fill(-1)
  const low = new Int32Array(ids.length)
  const isOpen = new Uint8Array(ids.length)
  const open: number[] = []
  const parts: number[][] = []
  let counter = 0
  for (let root = 0; root < ids.length; root++) {
    if (order[root] !== -1) continue
    const path = [{ node: root, at: 0 }]
    for (let step = path.at(-1); step; step = path.at(-1)) {
      const { node } = step
      if (step.at === 0) {
        order[node] = low[node] = counter++
        open.push(node)
        isOpen[node] = 1
      }
      const target = next[node]?.[step.at++]
      if (target !== undefined) {
        if (order[target] === -1) path.push({ node: target, at: 0 })
        else if (isOpen[target]) low[node] = Math.min(low[node] ?? 0, order[target] ?? 0)
        // `at` is now above 0 even when the node is come back to.
        continue
      }
      path.pop()
      const parent = path.at(-1)
      if (parent) low[parent.node] = Math.min(low[parent.node] ?? 0, low[node] ?? 0)
      if (low[node] === order[node]) takePart(node)
    }
  }
  return parts

  function takePart(root: number): void {
    const part = open.splice(open.lastIndexOf(root))
    for (const node of part) isOpen[node] = 0
    if (part.length > 1 || next[root]?.includes(root)) parts.push(part)
  }
}

/** A shortest cycle through a node, within a part that has one: the nodes in order, the first one not repeated. */
export function cycleThrough(start: number, part: readonly number[], { next }: Wiring): number[] {
  const inside = new Set(part)
  const cameFrom = new Map<number, number>()
  const queue = [start]
  for (const node of queue) {
    for (const target of next[node] ?? []) {
      if (target === start) return pathBack(node)
      if (!inside.has(target) || cameFrom.has(target)) continue
      cameFrom.set(target, node)
      queue.push(target)
    }
  }
  return []

  function pathBack(last: number): number[] {
    const path: number[] = []
    for (let node: number | undefined = last; node !== undefined && node !== start; node = cameFrom.get(node))
      path.unshift(node)
    return [start, ...path]
  }
}

/**
 * Puts nodes into layers, each after all that feed it; what closes a cycle does not count. Nodes that nothing feeds are in
 * layer 0. Answers the layer of each node by its number.
 */
export function layersOf(wiring: Wiring): Int32Array {
  const { ids, next, previous } = wiring
  const layer = new Int32Array(ids.length)
  const waiting = Int32Array.from(previous, (sources) => sources.length)
  const isPlaced = new Uint8Array(ids.length)
  const ready = ids.flatMap((_, number) => (waiting[number] === 0 ? [number] : []))
  /** By number: the cyclic part that a node lies in, from 1; 0 in none. Made when a cycle is met. */
  let partOf: Int32Array | undefined
  let firstOpen = 0
  for (let placed = 0; placed < ids.length;) {
    for (let node = ready.pop(); node !== undefined; node = ready.pop()) {
      if (isPlaced[node]) continue
      isPlaced[node] = 1
      placed++
      for (const target of next[node] ?? []) {
        if (isPlaced[target]) continue
        layer[target] = Math.max(layer[target] ?? 0, (layer[node] ?? 0) + 1)
        waiting[target] = (waiting[target] ?? 0) - 1
        if (waiting[target] === 0) ready.push(target)
      }
    }
    if (placed === ids.length) break
    // Only cycles are left, and what comes after them: break one where it is entered, which is where the file names it first among
    // those entered. One that still waits for another cycle is not broken yet, else what leads to it would be taken for its end.
    const parts = (partOf ??= partNumbers(wiring))
    let entered: number | undefined
    for (let node = firstOpen; node < ids.length; node++) {
      if (isPlaced[node]) {
        if (node === firstOpen) firstOpen++
        continue
      }
      const sources = previous[node] ?? []
      if (parts[node] === 0 || sources.some((source) => !isPlaced[source] && parts[source] !== parts[node])) continue
      const isEntered = sources.some((source) => isPlaced[source])
      if (entered === undefined || isEntered) entered = node
      if (isEntered) break
    }
    if (entered !== undefined) ready.push(entered)
  }
  return layer
}

function partNumbers(wiring: Wiring): Int32Array {
  const numbers = new Int32Array(wiring.ids.length)
  for (const [index, part] of cyclicParts(wiring).entries()) for (const node of part) numbers[node] = index + 1
  return numbers
}
