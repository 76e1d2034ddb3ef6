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
  id: 'pause' | 'resume' | 'step' | 'drain' | 'duplicate' | 'isolate' | 'remove'
  title: string
  /** What it does, in a sentence. */
  hint: string
  /** Why it cannot be done now; absent when it can. */
  refusal: string | undefined
  run(): Promise<unknown>
}

/** Where a person may let an instance run. */
export type ChosenIsolation = 'thread' | 'process'
/** As it is said in a sentence. */
export const runsIn: Record<ChosenIsolation, string> = {
  thread: 'a thread of the lab',
  process: 'a process of its own',
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

  /** From its next start on: it goes on where it is until then. */
  async function isolate({ instance, state }: InstanceDescription, isolation: ChosenIsolation): Promise<void> {
    await commands.ask(`Let ${instance} run in ${runsIn[isolation]}`, async (client) => {
      await client.instances.isolate({ instance, isolation })
      const text = state === 'stopped' ? '' : 'It goes on where it is until it is started again. '
      toasts.show({
        tone: 'done',
        title: `${instance} will run in ${runsIn[isolation]}`,
        text: `${text}This lasts while the lab is open; to keep it, write "isolation": "${isolation}" into the lab file.`,
      })
    })
  }

  function of(described: InstanceDescription): InstanceVerb[] {
    const { instance, state, isCopy = false, isolation, nextIsolation = isolation } = described
    const other = nextIsolation === 'process' ? 'thread' : 'process'
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
        id: 'isolate',
        title: `Run in ${runsIn[other]}`,
        hint:
          other === 'process'
            ? 'From its next start on: whatever happens to it, the others go on'
            : 'From its next start on: starts sooner, needs less memory',
        refusal: offline,
        run: () => isolate(described, other),
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

  return { of, isolate }
})
