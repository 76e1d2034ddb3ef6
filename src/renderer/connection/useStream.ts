import { useDocumentVisibility } from '@vueuse/core'
import { computed, shallowRef, watch, type ShallowRef } from 'vue'
import { useConnection } from '../stores/useConnection.ts'
import { useToasts } from '../stores/useToasts.ts'
import { failureOf } from '../view/failure.ts'
import type { LabClient } from './connect-lab.ts'
import { followStream, type Batch } from './follow-stream.ts'

/** A stream of the contract and what to do with what it yields. */
export interface StreamUse<Item> {
  title: string
  open(client: LabClient, signal: AbortSignal): Promise<AsyncIterable<Batch<Item>>>
  /** Fetches what came before, while the stream already runs. */
  catchUp?(client: LabClient): Promise<void>
  show(items: readonly Item[]): void
  /** Whether it is followed while the page is hidden, too; otherwise that costs nothing. */
  whileHidden?(): boolean
  /** Whether it may end by itself, as with an instance that stops: then it is tried again without a notice. */
  mayEnd?: boolean
}

const retryMs = 2_000

/**
 * Follows a stream for as long as the surrounding component or store lives, the connection holds and the page is visible
 * (or the use wants it hidden, too).
 * Returns how many items the lab had to leave out.
 */
export function useStream<Item>(use: StreamUse<Item>): { notShown: Readonly<ShallowRef<number>> } {
  const connection = useConnection()
  const toasts = useToasts()
  const visibility = useDocumentVisibility()
  const notShown = shallowRef(0)
  const attempt = shallowRef(0)
  const usable = computed(() =>
    visibility.value === 'visible' || use.whileHidden?.() ? connection.current : undefined,
  )

  watch(
    [usable, attempt],
    ([current], _before, onCleanup) => {
      if (!current) return
      const { client } = current
      let retry: ReturnType<typeof setTimeout> | undefined
      const failed = (error: unknown) => {
        // When the whole connection is lost its banner says so; this is about one stream of a connection that holds.
        if (connection.current !== current) return
        if (!use.mayEnd)
          toasts.show({ tone: 'error', title: `${use.title}: interrupted, trying again`, ...failureOf(error) })
        retry = setTimeout(() => (attempt.value += 1), retryMs)
      }
      const end = followStream<Item>({
        open: (signal) => use.open(client, signal),
        acknowledge: (batch) => client.streams.acknowledge(batch),
        show: (batch) => {
          if (batch.notShown > 0) notShown.value += batch.notShown
          use.show(batch.items)
        },
        painted,
        failed: (error) => setTimeout(failed, closeGraceMs, error),
      })
      use.catchUp?.(client).catch(failed)
      onCleanup(() => {
        end()
        clearTimeout(retry)
      })
    },
    { immediate: true },
  )
  return { notShown }
}

/** Resolves with the next picture; at once while the page is hidden, when there is none. */
function painted(): Promise<void> {
  return new Promise((resolve) => {
    if (document.visibilityState !== 'visible') return resolve()
    const done = () => {
      document.removeEventListener('visibilitychange', done)
      resolve()
    }
    document.addEventListener('visibilitychange', done)
    requestAnimationFrame(done)
  })
}

/** A lost connection breaks its streams first and is noticed as lost a moment later. */
const closeGraceMs = 200
