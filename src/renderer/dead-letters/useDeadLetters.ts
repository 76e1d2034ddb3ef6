import { computed, onScopeDispose, shallowRef, watch } from 'vue'
import type { DeadLetter } from '../../shared/index.ts'
import { useConnection } from '../stores/useConnection.ts'
import { useFigures } from '../stores/useFigures.ts'
import { useLab } from '../stores/useLab.ts'
import { useToasts } from '../stores/useToasts.ts'
import { failureOf } from '../view/failure.ts'

/** A dead letter and the instance that keeps it. */
export interface KeptLetter {
  instance: string
  letter: DeadLetter
}

/** Dead letters can come by the thousand; the list is fetched again at most this often. */
const fetchEveryMs = 1_000

/** The dead letters of one instance or of all, newest first, fetched again when their number has changed. */
export function useDeadLetters(instance: () => string | undefined) {
  const connection = useConnection()
  const figures = useFigures()
  const lab = useLab()
  const toasts = useToasts()
  const letters = shallowRef<readonly KeptLetter[]>([])
  const hasLoaded = shallowRef(false)
  let waiting: ReturnType<typeof setTimeout> | undefined
  let lastFetchMs = 0

  async function fetchLetters(): Promise<void> {
    waiting = undefined
    lastFetchMs = Date.now()
    const { current } = connection
    const wanted = instance()
    if (!current) return
    try {
      const found = await current.client.deadLetters.list(wanted === undefined ? {} : { instance: wanted })
      if (wanted !== instance()) return
      letters.value = found.toSorted(
        (one, other) => other.letter.timeMs - one.letter.timeMs || other.letter.sequence - one.letter.sequence,
      )
      hasLoaded.value = true
    } catch (error) {
      if (connection.current === current)
        toasts.show({ tone: 'error', title: 'Dead letters could not be read', ...failureOf(error) })
    }
  }

  const count = computed(() =>
    [...figures.all.values()]
      .filter(({ metrics }) => instance() === undefined || metrics.instance === instance())
      .map(({ metrics }) => `${metrics.instance} ${metrics.deadLetters}`)
      .join(),
  )
  const states = computed(() => lab.instances.map(({ state }) => state).join())
  watch(
    [() => connection.current, instance, count, states],
    () => {
      waiting ??= setTimeout(() => void fetchLetters(), Math.max(0, lastFetchMs + fetchEveryMs - Date.now()))
    },
    { immediate: true },
  )
  onScopeDispose(() => clearTimeout(waiting))
  return { letters, hasLoaded }
}
