import type { InstanceMetrics } from '../shared/index.ts'

/** An instance at rest tells its figures this often all the same: the windows call those of more than four seconds ago stale. */
const restIntervalMs = 2_000
/** Below this share of a core the thread does nothing but look at itself. */
const restCpu = 0.05

/**
 * Tells which samples of an instance's figures say something new. At rest nothing but the figures of its thread changes, and
 * telling those four times a second would keep the lab and every window busy with nothing.
 */
export class NewsOfFigures {
  #told: InstanceMetrics | undefined

  /** Whether a sample is to be told; if so, it is what the next ones are held against. */
  take(next: InstanceMetrics): boolean {
    const told = this.#told
    const isNews =
      told === undefined ||
      next.timeMs < told.timeMs ||
      next.timeMs - told.timeMs >= restIntervalMs ||
      next.process.cpu > restCpu ||
      next.deadLetters !== told.deadLetters ||
      !isSame(next.nodes, told.nodes) ||
      !isSame(next.wires, told.wires) ||
      !isSame(next.links, told.links) ||
      !isSame(next.ownActors, told.ownActors)
    if (isNews) this.#told = next
    return isNews
  }
}

/** Whether two pieces of plain data say the same. */
function isSame(one: unknown, other: unknown): boolean {
  if (Object.is(one, other)) return true
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) return false
  const keys = Object.keys(one)
  return (
    keys.length === Object.keys(other).length &&
    keys.every((key) => isSame(Reflect.get(one, key), Reflect.get(other, key)))
  )
}
