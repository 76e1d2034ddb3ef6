import {
  ArrowLeft,
  ArrowRight,
  Contrast,
  Compass,
  FolderOpen,
  House,
  Info,
  Keyboard,
  LayoutDashboard,
  Maximize2,
  Monitor,
  Moon,
  PanelBottom,
  PanelRight,
  Play,
  PlugZap,
  Presentation,
  RotateCw,
  Search,
  Server,
  Skull,
  Square,
  SquareArrowOutUpRight,
  Sun,
} from '@lucide/vue'
import type { Component } from 'vue'
import type { Action } from '../actions/action.ts'
import { panelOf, panels } from '../dock/panel.ts'
import { isPreset, presets } from '../dock/presets.ts'
import { popOutHere } from '../dock/pop-out.ts'
import { useDock } from '../dock/useDock.ts'
import { usePopOuts } from '../dock/usePopOuts.ts'
import { useHome } from '../home/useHome.ts'
import { useTour } from '../home/useTour.ts'
import { useJoin } from '../links/useJoin.ts'
import { offerActions } from '../stores/useActions.ts'
import { useCommands } from '../stores/useCommands.ts'
import { useConnection } from '../stores/useConnection.ts'
import { useInstanceVerbs } from '../stores/useInstanceVerbs.ts'
import { useLab } from '../stores/useLab.ts'
import { useSelection } from '../stores/useSelection.ts'
import { themeChoices, useTheme } from '../stores/useTheme.ts'
import { instanceActions, isPossible, type InstanceAction } from '../view/instance-state.ts'
import { useDialogs } from './useDialogs.ts'

const verbs: Record<InstanceAction, { title: string; icon: Component }> = {
  start: { title: 'Start', icon: Play },
  stop: { title: 'Drain and stop', icon: Square },
  restart: { title: 'Restart', icon: RotateCw },
  kill: { title: 'Kill', icon: Skull },
}
const themeIcons = { system: Monitor, light: Sun, dark: Moon, contrast: Contrast }
const themeTitles = {
  system: 'Theme of the system',
  light: 'Light theme',
  dark: 'Dark theme',
  contrast: 'High contrast theme',
}
/** How far a key moves the border of a group of panels, in pixels. */
const resizeStep = 40
const groupSizes = [
  { id: 'wider', title: 'Make the panel wider', key: 'ArrowRight', size: { width: resizeStep } },
  { id: 'narrower', title: 'Make the panel narrower', key: 'ArrowLeft', size: { width: -resizeStep } },
  { id: 'higher', title: 'Make the panel higher', key: 'ArrowUp', size: { height: resizeStep } },
  { id: 'lower', title: 'Make the panel lower', key: 'ArrowDown', size: { height: -resizeStep } },
] as const
/** A browser keeps Ctrl and a digit for its own tabs. */
const digitKey = window.millrace ? '$mod+' : 'Alt+'

/** The actions that do not belong to a single panel: the lab, its instances, the panels, the layouts, the theme, help. */
export function useFrameActions(): void {
  const lab = useLab()
  const commands = useCommands()
  const connection = useConnection()
  const selection = useSelection()
  const dock = useDock()
  const popOuts = usePopOuts()
  const dialogs = useDialogs()
  const join = useJoin()
  const home = useHome()
  const tour = useTour()
  const instanceVerbs = useInstanceVerbs()
  const theme = useTheme()

  const refusal = (action: InstanceAction): string | undefined => {
    if (!connection.isLive) return 'not connected'
    if (action === 'start' && lab.lab?.trust.trusted === false) return 'not trusted yet'
    return lab.instances.some(({ state }) => isPossible(action, state)) ? undefined : `nothing to ${action}`
  }

  offerActions((): Action[] => [
    {
      id: 'lab.startAll',
      title: 'Start all instances',
      section: 'Lab',
      icon: Play,
      keys: ['F5'],
      refusal: refusal('start'),
      run: () => commands.startAll(),
    },
    {
      id: 'lab.stopAll',
      title: 'Drain and stop all instances',
      section: 'Lab',
      icon: Square,
      keys: ['Shift+F5'],
      refusal: refusal('stop'),
      run: () => commands.stopAll(),
    },
    {
      id: 'lab.join',
      title: 'Join a peer …',
      words: 'link connect remote instance dial',
      section: 'Lab',
      icon: PlugZap,
      refusal: lab.instances.length === 0 ? 'there is no instance that could dial' : undefined,
      run: () => join.open({ instance: selection.instance }),
    },
    ...(lab.lab?.trust.trusted === false
      ? [
          {
            id: 'lab.trust',
            title: 'Trust this folder and start',
            section: 'Lab' as const,
            run: () => commands.trustAndStart(),
          },
        ]
      : []),
  ])

  offerActions(() =>
    lab.instances.flatMap(({ instance, state }) =>
      instanceActions.map((action): Action => ({
        id: `instance.${action} ${instance}`,
        title: `${verbs[action].title} ${instance}`,
        section: 'Instances',
        icon: verbs[action].icon,
        isOneOfMany: true,
        refusal:
          connection.isLive &&
          isPossible(action, state) &&
          (action === 'stop' || action === 'kill' || !refusal('start'))
            ? undefined
            : connection.isLive && isPossible(action, state) && action === 'restart'
              ? undefined
              : `it is ${state}`,
        run: () => commands.onInstance(action, instance),
      })),
    ),
  )

  offerActions(() =>
    lab.instances.flatMap((description) =>
      instanceVerbs.of(description).map(({ id, title, hint, refusal: why, run }): Action => ({
        id: `instance.${id} ${description.instance}`,
        title: `${title}: ${description.instance}`,
        words: hint,
        section: 'Instances',
        isOneOfMany: true,
        refusal: why,
        run,
      })),
    ),
  )

  offerActions(() =>
    lab.instances.flatMap(({ instance, nodes }): Action[] => [
      {
        id: `go.instance ${instance}`,
        title: instance,
        section: 'Go to',
        icon: Server,
        isOneOfMany: true,
        run: () => selection.select({ type: 'instance', instance }),
      },
      ...nodes.map(({ id, label, component }): Action => ({
        id: `go.node ${instance} ${id}`,
        title: `${label ?? id}`,
        where: instance,
        words: `${id} ${component} ${instance}`,
        section: 'Go to',
        isOneOfMany: true,
        run: () => selection.select({ type: 'node', instance, node: id }),
      })),
    ]),
  )

  offerActions((): Action[] => [
    ...panels.map(({ id, title, purpose, icon }, place): Action => ({
      id: `panel.${id}`,
      title: `Show ${title}`,
      words: purpose,
      section: 'Panels',
      icon,
      ...(place < 9 ? { keys: [`${digitKey}${place + 1}`] } : id === 'trace' ? { keys: ['Shift+t'] } : {}),
      run: () => dock.show(id),
    })),
    {
      id: 'panel.bottom',
      title: 'Hide or show the lower panels',
      section: 'Panels',
      icon: PanelBottom,
      keys: ['$mod+j'],
      run: () => dock.toggleBottom(),
    },
    {
      id: 'panel.inspector.toggle',
      title: 'Hide or show the details',
      section: 'Panels',
      icon: PanelRight,
      keys: ['$mod+i'],
      run: () => dock.toggleInspector(),
    },
    {
      id: 'panel.enlarge',
      title: 'Enlarge the panel in use, or show all again',
      section: 'Panels',
      icon: Maximize2,
      keys: ['Shift+Escape'],
      run: () => dock.toggleMaximum(undefined),
    },
    {
      id: 'panel.close',
      title: 'Close the panel in use',
      section: 'Panels',
      run: () => dock.closeActive(),
    },
    {
      id: 'panel.move',
      title: 'Move the panel in use to the next group',
      section: 'Panels',
      words: 'tab dock drag',
      run: () => dock.moveToNextGroup(),
    },
    ...groupSizes.map(({ id, title, key, size }): Action => ({
      id: `panel.${id}`,
      title,
      section: 'Panels',
      words: 'resize size border',
      keys: [`Alt+Shift+${key}`],
      run: () => dock.resizeGroup(size),
    })),
    {
      id: 'panel.next',
      title: 'Go to the next group of panels',
      section: 'Panels',
      keys: ['F6'],
      run: () => dock.focusNextGroup(1),
    },
    {
      id: 'panel.previous',
      title: 'Go to the previous group of panels',
      section: 'Panels',
      keys: ['Shift+F6'],
      run: () => dock.focusNextGroup(-1),
    },
  ])

  offerActions((): Action[] => [
    ...themeChoices.map((choice): Action => ({
      id: `theme.${choice}`,
      title: themeTitles[choice],
      section: 'View',
      words: 'colours appearance light dark',
      icon: themeIcons[choice],
      run: () => (theme.choice = choice),
    })),
    {
      id: 'selection.back',
      title: 'Back to what was selected before',
      section: 'Go to',
      icon: ArrowLeft,
      keys: ['Alt+ArrowLeft'],
      refusal: selection.canGoBack ? undefined : 'nothing was selected before',
      run: () => selection.back(),
    },
    {
      id: 'selection.forward',
      title: 'Forward again',
      section: 'Go to',
      icon: ArrowRight,
      keys: ['Alt+ArrowRight'],
      refusal: selection.canGoForward ? undefined : 'there is nothing after this',
      run: () => selection.forward(),
    },
    {
      id: 'help.commands',
      title: 'All commands',
      section: 'Help',
      icon: Search,
      keys: ['$mod+k'],
      run: () => dialogs.open('palette'),
    },
    {
      id: 'help.shortcuts',
      title: 'Keyboard shortcuts',
      section: 'Help',
      icon: Keyboard,
      keys: ['Shift+?'],
      run: () => dialogs.open('shortcuts'),
    },
    {
      id: 'help.about',
      title: 'About Millrace',
      section: 'Help',
      icon: Info,
      run: () => dialogs.open('about'),
    },
  ])

  // What concerns a whole window: a single panel in one of its own has neither home nor layouts.
  if (popOutHere) return
  offerActions((): Action[] => [
    {
      id: 'lab.home',
      title: 'Home: samples and labs opened before',
      words: 'welcome recent examples start begin',
      section: 'Lab',
      icon: House,
      keys: ['$mod+Shift+h'],
      run: () => dialogs.open('home'),
    },
    ...(window.millrace
      ? [
          {
            id: 'lab.open',
            title: 'Open a lab or a graph …',
            words: 'file',
            section: 'Lab' as const,
            icon: FolderOpen,
            keys: ['$mod+o'],
            refusal: connection.isLive ? undefined : 'not connected',
            run: () => home.choose(),
          },
        ]
      : []),
    {
      id: 'panel.popOut',
      title: 'Show the panel in use in a window of its own',
      section: 'Panels',
      words: 'pop out detach second screen monitor',
      icon: SquareArrowOutUpRight,
      keys: ['Alt+Shift+w'],
      run() {
        const panel = panelOf(dock.activePanel() ?? '')
        if (panel) popOuts.open(panel.id)
      },
    },
    ...Object.entries(presets).map(([name, { title, purpose }]): Action => ({
      id: `layout.${name}`,
      title: `Layout ${title}`,
      words: purpose,
      section: 'Layout',
      icon: name === 'present' ? Presentation : LayoutDashboard,
      ...(name === 'present' ? { keys: ['$mod+Shift+d'] } : {}),
      run: () => dock.usePreset(name === 'present' && dock.layoutName === 'present' ? 'watch' : presetOf(name)),
    })),
    ...dock.named.map((name): Action => ({
      id: `layout.named ${name}`,
      title: `Layout ${name}`,
      section: 'Layout',
      icon: LayoutDashboard,
      run: () => dock.useNamed(name),
    })),
    {
      id: 'layout.keep',
      title: 'Keep this layout under a name …',
      section: 'Layout',
      run: () => dialogs.open('keep-layout'),
    },
    {
      id: 'help.tour',
      title: 'Tour in five steps',
      words: 'help begin learn',
      section: 'Help',
      icon: Compass,
      run: () => tour.begin(),
    },
  ])
}

function presetOf(name: string): keyof typeof presets {
  return isPreset(name) ? name : 'watch'
}
