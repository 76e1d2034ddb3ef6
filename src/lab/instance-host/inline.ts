import type { HostEvents, InstanceHost } from '../instance-host.ts'
import { runInstance } from '../instance-runner.ts'

/** Runs an instance on the host's own thread: for tests, and for programs that use the library. Nothing is contained. */
export function hostInline(events: HostEvents): InstanceHost {
  let isGone = false
  let ending: Promise<void> | undefined
  // Never in the middle of a call of the other side: a thread's messages do not arrive so either.
  const runner = runInstance((message) => {
    queueMicrotask(() => {
      if (!isGone) events.message(message)
    })
  })
  queueMicrotask(() => events.message({ type: 'loaded' }))
  return {
    isolation: 'inline',
    post: (message) => runner.receive(message),
    async terminate() {
      ending ??= end()
      await ending
    },
  }

  async function end(): Promise<void> {
    await runner.abandon()
    isGone = true
    events.exit(undefined)
  }
}
