import type { HostEvents, InstanceHost } from '../instance-host.ts'
import { runInstance } from '../instance-runner.ts'

/** Runs an instance on the host's own thread: for tests, and for programs that use the library. Nothing is contained. */
export function hostInline(events: HostEvents): InstanceHost {
  let isGone = false
  // Never in the middle of a call of the other side: a thread's messages do not arrive so either.
  const runner = runInstance((message) => queueMicrotask(() => events.message(message)))
  queueMicrotask(() => events.message({ type: 'loaded' }))
  return {
    isolation: 'inline',
    post: (message) => runner.receive(message),
    async terminate() {
      if (isGone) return
      isGone = true
      await runner.abandon()
      events.exit(undefined)
    },
  }
}
