import type { NetworkNode } from './network-node.ts'
import type { Platform } from './host-platform.ts'
import type { Scheduler } from './scheduler.ts'
import type { Topology } from './topology.ts'

/** What waiting for rest works on. */
export interface Settling {
  topology: Topology
  scheduler: Scheduler
  platform: Platform
}

/** What a stop works on. */
export interface Stopping extends Settling {
  warn(node: string, text: string): void
}

/** How long after the deadline stop hooks and behaviours may take to heed their signal. */
const graceMs = 500

/**
 * Brings a running network to rest: from the sources on, wave by wave, what is queued is processed, then the signals of that wave are
 * aborted and its stop hooks run. After the deadline it hurries: all signals are aborted and what is left stays queued.
 */
export async function drain(network: Stopping, drainMs: number): Promise<void> {
  const deadline = new Deadline(network.platform, drainMs)
  const grace = new Deadline(network.platform, drainMs + graceMs)
  const nodes = [...network.topology.nodes.values()]
  const remaining = new Set(nodes)
  while (remaining.size > 0) {
    const free = nodesWithoutUpstream(network.topology, remaining)
    // In a ring there is no first node, so all of it is stopped at once.
    const wave = free.length > 0 ? free : [...remaining]
    for (const node of wave) remaining.delete(node)
    if (free.length > 0) await settle(network, wave, deadline)
    await endAll(network, wave.filter(hasHooks), grace)
    await settle(network, wave, deadline)
    await endAll(
      network,
      wave.filter((node) => !hasHooks(node)),
      grace,
    )
  }
  await until(network, () => nodes.every(({ inFlight }) => inFlight === 0), grace)
  deadline.cancel()
  grace.cancel()
}

function hasHooks(node: NetworkNode): boolean {
  return node.actor.start !== undefined
}

function nodesWithoutUpstream({ nodes }: Topology, remaining: ReadonlySet<NetworkNode>): NetworkNode[] {
  return [...remaining].filter((node) => {
    return node.intake.wires.every(({ fromNode }) => {
      const source = nodes.get(fromNode)
      return source === undefined || source === node || !remaining.has(source)
    })
  })
}

/** Waits until these nodes have nothing to do (or what else is asked for), or nobody has, or the deadline is over. */
export async function settle(
  network: Settling,
  wave: readonly NetworkNode[],
  deadline: Deadline,
  isDone = () => wave.every((node) => node.isQuiet),
): Promise<void> {
  const { scheduler, topology } = network
  const isAtRest = ({ inFlight, phase }: NetworkNode) => inFlight === 0 && phase !== 'starting'
  // When nothing moves anywhere, what a node still waits for will not come.
  const isStalled = () => scheduler.isIdle && [...topology.nodes.values()].every(isAtRest)
  await until(network, () => isDone() || isStalled(), deadline)
}

async function until({ scheduler }: Settling, isDone: () => boolean, deadline: Deadline): Promise<void> {
  if (isDone() || deadline.isOver) return
  let undo = () => {}
  const done = new Promise<void>((resolve) => {
    undo = scheduler.afterSlice(() => {
      if (isDone()) resolve()
    })
  })
  await Promise.race([done, deadline.over])
  undo()
}

async function endAll(network: Stopping, nodes: readonly NetworkNode[], deadline: Deadline): Promise<void> {
  const left = new Set(nodes)
  const ends = nodes.map(async (node) => {
    await node.finish()
    left.delete(node)
  })
  await Promise.race([Promise.all(ends), deadline.over])
  for (const node of left) if (hasHooks(node)) network.warn(node.id, 'did not stop in time; it is left behind')
}

/** A moment after which waiting ends. */
export class Deadline {
  isOver = false
  readonly over: Promise<void>
  readonly cancel: () => void

  constructor(platform: Platform, delayMs: number) {
    if (delayMs <= 0) {
      this.isOver = true
      this.over = Promise.resolve()
      this.cancel = () => {}
      return
    }
    let undo = () => {}
    this.over = new Promise((resolve) => {
      undo = platform.after(delayMs, () => {
        this.isOver = true
        resolve()
      })
    })
    this.cancel = undo
  }
}
