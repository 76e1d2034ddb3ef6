import { defineStore } from 'pinia'
import { shallowRef } from 'vue'
import type { LabClient } from '../connection/connect-lab.ts'
import { failureOf } from '../view/failure.ts'
import type { InstanceAction } from '../view/instance-state.ts'
import { useConnection } from './useConnection.ts'
import { useToasts } from './useToasts.ts'

/** Asks the lab to do things, and remembers what is under way so that buttons can show it. */
export const useCommands = defineStore('commands', () => {
  const connection = useConnection()
  const toasts = useToasts()
  const underWay = shallowRef<ReadonlySet<string>>(new Set())

  async function run(key: string, title: string, act: (client: LabClient) => Promise<unknown>): Promise<boolean> {
    const { current } = connection
    if (underWay.value.has(key)) return false
    if (!current) {
      toasts.show({ tone: 'error', title: `${title} failed`, text: 'This window is not connected to its lab now.' })
      return false
    }
    underWay.value = new Set(underWay.value).add(key)
    try {
      await act(current.client)
      return true
    } catch (error) {
      const { text, code } = failureOf(error)
      toasts.show({ tone: 'error', title: `${title} failed`, text, ...(code === undefined ? {} : { code }) })
      return false
    } finally {
      underWay.value = new Set([...underWay.value].filter((other) => other !== key))
    }
  }

  return {
    /** Whether a command is under way: an action and its instance, or the name of one for the whole lab. */
    isUnderWay: (key: string) => underWay.value.has(key),
    onInstance: (action: InstanceAction, instance: string) =>
      run(`${action} ${instance}`, `${titles[action]} ${instance}`, (client) => client.instances[action]({ instance })),
    /** Asks for anything else; what goes wrong is told under this title. */
    ask: (title: string, act: (client: LabClient) => Promise<unknown>) => run(title, title, act),
    send: (to: { instance: string; node: string; port: string }, message: { type: string; data?: unknown }) =>
      run(`send ${to.instance} ${to.node}`, `Sending to ${to.node}.${to.port}`, (client) =>
        client.nodes.send({ ...to, message }),
      ),
    startAll: () => run('startAll', 'Start all', (client) => client.instances.startAll({})),
    stopAll: () => run('stopAll', 'Stop all', (client) => client.instances.stopAll({})),
    trustAndStart: () =>
      run('trust', 'Trust this folder and start', async (client) => {
        await client.lab.trust({})
        await client.instances.startAll({})
      }),
  }
})

const titles: Record<InstanceAction, string> = { start: 'Start', stop: 'Stop', restart: 'Restart', kill: 'Kill' }
