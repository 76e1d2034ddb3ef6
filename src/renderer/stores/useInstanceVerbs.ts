import { defineStore } from 'pinia'
import type { InstanceDescription } from '../../shared/index.ts'
import { formatCount } from '../view/format.ts'
import { isPaused } from '../view/instance-state.ts'
import { useCommands } from './useCommands.ts'
import { useConnection } from './useConnection.ts'
import { useFigures } from './useFigures.ts'
import { useSelection } from './useSelection.ts'
import { useToasts } from './useToasts.ts'

/** What can be done with an instance beyond starting and stopping it. */
export interface InstanceVerb {
  id: 'pause' | 'resume' | 'step' | 'drain' | 'duplicate' | 'remove'
  title: string
  /** What it does, in a sentence. */
  hint: string
  /** Why it cannot be done now; absent when it can. */
  refusal: string | undefined
  run(): Promise<unknown>
}

/** The verbs of the menu of an instance, which the palette has too. */
export const useInstanceVerbs = defineStore('instance-verbs', () => {
  const commands = useCommands()
  const connection = useConnection()
  const figures = useFigures()
  const selection = useSelection()
  const toasts = useToasts()

  async function drain(instance: string): Promise<void> {
    await commands.ask(`Drain ${instance}`, async (client) => {
      const { left } = await client.instances.drain({ instance })
      const text =
        left === 0
          ? 'Everything that was queued has been processed. It is paused now.'
          : `${formatCount(left)} messages could not be processed in time. It is paused now.`
      toasts.show({ tone: left === 0 ? 'done' : 'error', title: `${instance} drained`, text })
    })
  }

  async function duplicate(instance: string): Promise<void> {
    await commands.ask(`Duplicate ${instance}`, async (client) => {
      const copy = await client.instances.duplicate({ instance })
      selection.select({ type: 'instance', instance: copy.instance })
      const text = 'It is not started, and is gone when the lab is closed: it does not stand in the lab file.'
      toasts.show({ tone: 'done', title: `${copy.instance} added`, text })
    })
  }

  function of({ instance, state, isCopy = false }: InstanceDescription): InstanceVerb[] {
    const offline = connection.isLive ? undefined : 'not connected'
    const notRunning = offline ?? (state === 'running' ? undefined : `it is ${state}`)
    const nodes = figures.of(instance)?.metrics.nodes ?? []
    const rests = isPaused(nodes)
    return [
      {
        id: 'pause',
        title: 'Pause',
        hint: 'Its nodes stand still; messages wait in the wires',
        refusal: notRunning ?? (rests ? 'it is paused' : undefined),
        run: () => commands.ask(`Pause ${instance}`, (client) => client.instances.pause({ instance })),
      },
      {
        id: 'resume',
        title: 'Resume',
        hint: 'Its nodes go on',
        refusal: notRunning ?? (nodes.some((node) => node.state === 'paused') ? undefined : 'it is not paused'),
        run: () => commands.ask(`Resume ${instance}`, (client) => client.instances.resume({ instance })),
      },
      {
        id: 'step',
        title: 'Let one message through',
        hint: 'Pauses it, and lets the next node that has a message process it',
        refusal: notRunning,
        run: () => commands.ask(`Step ${instance}`, (client) => client.instances.step({ instance })),
      },
      {
        id: 'drain',
        title: 'Drain and pause',
        hint: 'Pauses its sources, lets the rest process what is queued, then pauses all',
        refusal: notRunning,
        run: () => drain(instance),
      },
      {
        id: 'duplicate',
        title: 'Duplicate',
        hint: 'Adds another instance of the same graph, at any free port',
        refusal: offline,
        run: () => duplicate(instance),
      },
      {
        id: 'remove',
        title: 'Take this copy away',
        hint: 'Stops it and takes it out of the lab',
        refusal: offline ?? (isCopy ? undefined : 'it stands in the lab file'),
        run: () => commands.ask(`Take ${instance} away`, (client) => client.instances.remove({ instance })),
      },
    ]
  }

  return { of }
})
