import { defineStore } from 'pinia'
import { computed, shallowRef, watch } from 'vue'
import type { HomeDescription } from '../../shared/index.ts'
import { useDialogs } from '../frame/useDialogs.ts'
import { useCommands } from '../stores/useCommands.ts'
import { useConnection } from '../stores/useConnection.ts'
import { useLab } from '../stores/useLab.ts'

/** Labs other than this one: samples, recent files, and opening them. */
export const useHome = defineStore('home', () => {
  const commands = useCommands()
  const connection = useConnection()
  const dialogs = useDialogs()
  const lab = useLab()
  const home = shallowRef<HomeDescription>()
  const isOpen = computed(() => dialogs.current === 'home')

  async function look(): Promise<void> {
    await commands.ask('Look for labs', async (client) => {
      home.value = await client.home.get({})
    })
  }
  watch([isOpen, () => connection.isLive], ([isShown, isLive]) => isShown && isLive && look())

  /** Shows another lab; closes Home when that goes well. */
  async function open(wanted: { sample: string } | { file: string }): Promise<void> {
    if (await commands.ask('Open the lab', (client) => client.home.open(wanted))) dialogs.close()
  }

  return {
    home,
    isOpen,
    /** Instances that would stop, since another lab takes this one's place. */
    wouldStop: computed(() =>
      home.value?.staysHere ? lab.instances.filter(({ state }) => state === 'running').length : 0,
    ),
    open,
    async choose(): Promise<void> {
      dialogs.close()
      await commands.ask('Open a lab', (client) => client.home.choose({}))
    },
    async forget(file: string): Promise<void> {
      await commands.ask('Forget the lab', (client) => client.home.forget({ file }))
      await look()
    },
  }
})
