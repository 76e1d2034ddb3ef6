/** Clock, timers and chance of a Node process, as the runtime and the peers want them handed in. */
export const nodePlatform = {
  now: () => Date.now(),
  monotonicMs: () => performance.now(),
  random: () => Math.random(),
  schedule(run: () => void): () => void {
    const immediate = setImmediate(run)
    return () => clearImmediate(immediate)
  },
  after(delayMs: number, run: () => void): () => void {
    const timer = setTimeout(run, delayMs)
    return () => clearTimeout(timer)
  },
}
