import { defineStore } from 'pinia'
import { computed, shallowRef } from 'vue'
import { useConnection } from '../stores/useConnection.ts'
import { useLab } from '../stores/useLab.ts'
import { failureOf } from '../view/failure.ts'
import type { SeenMessage } from '../view/message-buffer.ts'
import { replay, type ReplayProgress } from '../view/replay.ts'
import type { InjectTarget } from './useInject.ts'

type Known = SeenMessage & { message: NonNullable<SeenMessage['message']> }

/** Sending many messages again, in their order: each to where it went, or all to one port. */
export const useReplay = defineStore('replay', () => {
  const connection = useConnection()
  const lab = useLab()
  const messages = shallowRef<readonly SeenMessage[]>()
  /** Where all go; absent when each goes to where it went before. */
  const target = shallowRef<InjectTarget>()
  const progress = shallowRef<ReplayProgress>()
  const isRunning = shallowRef(false)
  let abort: AbortController | undefined

  const known = computed(() => (messages.value ?? []).filter((each): each is Known => each.message !== undefined))
  /** Those that were too large to be seen whole. */
  const left = computed(() => (messages.value?.length ?? 0) - known.value.length)

  function placeOf(message: SeenMessage): InjectTarget {
    const wire = lab.instance(message.instance)?.wires.find(({ id }) => id === message.wire)
    if (target.value) return target.value
    if (!wire) throw new Error(`there is no wire ${message.wire} any more: choose another port`)
    return { instance: message.instance, ...wire.to }
  }

  async function start(): Promise<void> {
    const { current } = connection
    if (!current || isRunning.value) return
    const { signal } = (abort = new AbortController())
    isRunning.value = true
    try {
      await replay(
        known.value,
        async (each) => current.client.nodes.send({ ...placeOf(each), message: each.message }, { signal }),
        { signal, progress: (now) => (progress.value = now) },
      )
    } finally {
      isRunning.value = false
    }
  }

  return {
    messages,
    target,
    progress,
    isRunning,
    known,
    left,
    failure: computed(() => (progress.value?.failure === undefined ? undefined : failureOf(progress.value.failure))),
    begin(chosen: readonly SeenMessage[]): void {
      if (isRunning.value) return
      messages.value = chosen
      target.value = undefined
      progress.value = undefined
    },
    start,
    cancel: () => abort?.abort(),
    /** Closes the sheet; what runs goes on no further. */
    close(): void {
      abort?.abort()
      messages.value = undefined
    },
  }
})
