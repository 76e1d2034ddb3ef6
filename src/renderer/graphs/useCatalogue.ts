import { defineStore } from 'pinia'
import { computed, shallowRef, watch } from 'vue'
import type { ActorDescription } from '../../shared/index.ts'
import { useConnection } from '../stores/useConnection.ts'
import { useLab } from '../stores/useLab.ts'
import { useToasts } from '../stores/useToasts.ts'
import { failureOf } from '../view/failure.ts'

/** Every actor that a node may be, as the lab lists it; asked for again when the lab's own actors change. */
export const useCatalogue = defineStore('catalogue', () => {
  const connection = useConnection()
  const lab = useLab()
  const toasts = useToasts()
  const actors = shallowRef<readonly ActorDescription[]>([])
  const byName = computed(() => new Map(actors.value.map((actor) => [actor.name, actor])))

  watch(
    [() => connection.current, () => JSON.stringify(lab.lab?.ownActors?.modules)],
    async () => {
      const client = connection.current?.client
      if (!client) return
      try {
        actors.value = await client.lab.catalogue({})
      } catch (error) {
        if (connection.isLive)
          toasts.show({ tone: 'error', title: 'The list of actors cannot be read', ...failureOf(error) })
      }
    },
    { immediate: true },
  )
  return { actors, of: (name: string) => byName.value.get(name) }
})
