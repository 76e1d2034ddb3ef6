import { CirclePause, PanelRight, Pause, Play, ScrollText, Send, StepForward } from '@lucide/vue'
import type { Action } from '../actions/action.ts'
import { useDock } from '../dock/useDock.ts'
import { useInject } from '../messages/useInject.ts'
import { offerActions } from '../stores/useActions.ts'
import { useCommands } from '../stores/useCommands.ts'
import { useConnection } from '../stores/useConnection.ts'
import { useFigures } from '../stores/useFigures.ts'
import { useLab } from '../stores/useLab.ts'
import { useSelection } from '../stores/useSelection.ts'
import { runningWire } from '../view/running-wire.ts'

/** What can be done with the selected node or wire, whichever panel is in sight. */
export function useSelectedActions(): void {
  const dock = useDock()
  const selection = useSelection()
  useNodeActions()
  useWireActions()
  offerActions((): Action[] => [
    {
      id: 'selection.details',
      title: 'Details of what is selected',
      section: 'Go to',
      words: 'inspect inspector peek queue',
      icon: PanelRight,
      keys: ['Enter'],
      areKeysElsewhere: true,
      refusal: selection.selected ? undefined : 'nothing is selected',
      run: () => dock.show('inspector'),
    },
  ])
}

function useNodeActions(): void {
  const commands = useCommands()
  const connection = useConnection()
  const dock = useDock()
  const figures = useFigures()
  const inject = useInject()
  const lab = useLab()
  const selection = useSelection()

  offerActions((): Action[] => {
    const { selected } = selection
    if (selected?.type !== 'node') return []
    const instance = lab.instance(selected.instance)
    const node = instance?.nodes.find(({ id }) => id === selected.node)
    if (!instance || !node) return []
    const place = { instance: selected.instance, node: node.id }
    const refusal = connection.isLive && instance.state === 'running' ? undefined : 'its instance does not run'
    const isPaused = figures.live.get(place.instance)?.nodes.get(place.node)?.state === 'paused'
    const ask = (title: string, verb: 'pause' | 'resume' | 'step') => () =>
      commands.ask(title, (client) => client.nodes[verb](place))
    return [
      {
        id: 'node.step',
        title: `Step ${node.id}: one message`,
        section: 'Messages',
        icon: StepForward,
        keys: ['F10'],
        refusal,
        run: ask(`Step ${node.id}`, 'step'),
      },
      {
        id: 'node.resume',
        title: `Resume ${node.id}`,
        section: 'Messages',
        icon: Play,
        keys: ['F8'],
        refusal: refusal ?? (isPaused ? undefined : 'it is not paused'),
        run: ask(`Resume ${node.id}`, 'resume'),
      },
      {
        id: 'node.pause',
        title: `Pause ${node.id}`,
        section: 'Messages',
        icon: Pause,
        keys: ['Shift+F8'],
        refusal: refusal ?? (isPaused ? 'it is paused' : undefined),
        run: ask(`Pause ${node.id}`, 'pause'),
      },
      {
        id: 'node.inject',
        title: `Send a message to ${node.id} …`,
        section: 'Messages',
        icon: Send,
        keys: ['i'],
        refusal: node.inports.length === 0 ? 'it has no inport' : refusal,
        run: () => inject.begin({ ...place, port: node.inports[0] ?? '' }),
      },
      {
        id: 'node.messages',
        title: `Messages of ${node.id}`,
        section: 'Messages',
        icon: ScrollText,
        run: () => dock.show('messages'),
      },
    ]
  })
}

function useWireActions(): void {
  const commands = useCommands()
  const connection = useConnection()
  const dock = useDock()
  const figures = useFigures()
  const lab = useLab()
  const selection = useSelection()

  offerActions((): Action[] => {
    const { selected } = selection
    if (selected?.type !== 'wire') return []
    const instance = lab.instance(selected.instance)
    const known = instance?.wires.find(({ id }) => id === selected.wire)
    // A wire that leaves by a link runs under another name.
    const running = known && runningWire(figures.of(selected.instance)?.wires, known)
    const place = { instance: selected.instance, wire: running?.id ?? selected.wire }
    const refusal = connection.isLive && instance?.state === 'running' ? undefined : 'its instance does not run'
    const holdsNothing = refusal ?? ((running?.held ?? 0) > 0 ? undefined : 'no breakpoint holds a message of it')
    return [
      {
        id: 'wire.break',
        title: running?.held === undefined ? 'Break on the wire' : 'End the breakpoint of the wire',
        words: 'breakpoint hold messages stop',
        section: 'Messages',
        icon: CirclePause,
        keys: ['F9'],
        refusal,
        run: () =>
          commands.ask('Break', async (client) => {
            const all = await client.breakpoints.list({ instance: place.instance })
            if (all.some(({ wire }) => wire === place.wire)) await client.breakpoints.clear(place)
            else await client.breakpoints.set({ ...place, conditions: [] })
          }),
      },
      {
        id: 'wire.release',
        title: 'Let the next held message of the wire go',
        words: 'breakpoint step',
        section: 'Messages',
        icon: StepForward,
        keys: ['Shift+F9'],
        refusal: holdsNothing,
        run: () => commands.ask('Release', (client) => client.breakpoints.release(place)),
      },
      {
        id: 'wire.releaseAll',
        title: 'Let all held messages of the wire go',
        words: 'breakpoint',
        section: 'Messages',
        icon: Play,
        refusal: holdsNothing,
        run: () => commands.ask('Release', (client) => client.breakpoints.release({ ...place, count: 'all' })),
      },
      {
        id: 'wire.messages',
        title: 'Messages of the wire',
        section: 'Messages',
        icon: ScrollText,
        run: () => dock.show('messages'),
      },
    ]
  })
}
