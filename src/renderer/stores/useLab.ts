import { defineStore } from 'pinia'
import { computed, shallowRef } from 'vue'
import type { InstanceDescription, LabDescription } from '../../shared/index.ts'
import { readableLab } from '../view/readable-lab.ts'
import { useStream } from '../connection/useStream.ts'

/** The lab that is open, as it was last heard of. */
export const useLab = defineStore('lab', () => {
  const lab = shallowRef<LabDescription>()
  useStream<LabDescription>({
    title: 'The lab',
    open: (client, signal) => client.streams.lab({}, { signal }),
    catchUp: async (client) => {
      lab.value = readableLab(await client.lab.get({}))
    },
    show: (items) => {
      const newest = items.at(-1)
      if (newest) lab.value = readableLab(newest)
    },
  })

  const byName = computed(() => new Map((lab.value?.instances ?? []).map((instance) => [instance.instance, instance])))

  return {
    lab,
    /** Whether only one instance belongs to this network, so that the network's id names it. */
    isNetworkUnique: (networkId: string) =>
      [...byName.value.values()].filter((instance) => instance.networkId === networkId).length < 2,
    instances: computed((): readonly InstanceDescription[] => lab.value?.instances ?? []),
    /** The instance of this name, if the lab has one. */
    instance: (name: string) => byName.value.get(name),
    /** A number that stays with an instance: its place in the lab, for its colour. */
    placeOf: (name: string) => [...byName.value.keys()].indexOf(name),
  }
})
