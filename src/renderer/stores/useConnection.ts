import { defineStore } from 'pinia'
import { computed, shallowRef } from 'vue'
import type { Connect, LabConnection } from '../connection/connect-lab.ts'
import { keepConnected, type ConnectionState } from '../connection/keep-connected.ts'

/** The connection to the lab: its state, and what to call the lab by while it holds. */
export const useConnection = defineStore('connection', () => {
  const state = shallowRef<ConnectionState>({ type: 'connecting', attempt: 1 })
  // The client itself must not be the value of a ref: it answers to every property, so Vue takes it for a ref too.
  const current = shallowRef<LabConnection>()
  const wasConnected = shallowRef(false)
  let keeper: ReturnType<typeof keepConnected> | undefined

  /** Begins to connect, and connects again whenever that is needed. */
  function start(connect: Connect): void {
    keeper?.stop()
    keeper = keepConnected({
      connect,
      now: () => Date.now(),
      after(delayMs, then) {
        const timer = setTimeout(then, delayMs)
        return () => clearTimeout(timer)
      },
      changed(next, connection) {
        state.value = next
        current.value = connection
        if (next.type === 'connected') wasConnected.value = true
      },
    })
  }

  return {
    state,
    /** The connection, while it holds. */
    current,
    /** Whether what is on screen comes from a connection that still holds. */
    isLive: computed(() => state.value.type === 'connected'),
    /** Whether there has been a connection before: then the screen holds old figures. */
    wasConnected,
    start,
    retryNow: () => keeper?.retryNow(),
    stop: () => keeper?.stop(),
  }
})
