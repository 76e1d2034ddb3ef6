import type { Environment } from '../graph/index.ts'
import type { GraphEvent, InstanceDescription, InstanceMetrics, LabDescription, LogEntry } from '../shared/index.ts'
import type { HomeDoor } from './home.ts'
import type { SpawnProcess } from './instance-host.ts'

/** How a lab is opened. */
export interface LabOptions {
  /** A `*.lab.json` or a lone `*.graph.json`. */
  file: string
  /** Who opens it; windows are told. */
  door: LabDescription['door']
  /** The built `instance-worker.js`; doors know where it lies, bundlers move everything else. */
  workerFile: string
  /** Moves every port of the lab, each keeping its distance from 9000. */
  portBase?: number | undefined
  /** `granted`: whoever opens it has asked for it to run. `ask`: a folder not yet trusted starts nothing until `trust()`. */
  consent: 'granted' | 'ask'
  /** Starts an instance again after a crash, with back-off. Default true. */
  restartAfterCrash?: boolean
  /** How `isolation: 'process'` starts a process; Node's fork by default. */
  spawnProcess?: SpawnProcess
  env?: Environment
  /** Whether nodes may run programs. Default no; no file can say so. */
  allowExec?: boolean
  /** Where trusted folders and recent labs are remembered, and states that have no folder of their own; the user's folders by default. */
  stateDir?: string
  /** Where the states of nodes with `persist` are kept; by default in the user's data folder, apart for each lab and port base. */
  statesFolder?: string | undefined
  /** How other labs are opened from this one's window; absent where they cannot be. */
  home?: HomeDoor
}

/** What happens in a lab. */
export type LabEvent =
  | { type: 'log'; entry: LogEntry }
  | { type: 'instance'; description: InstanceDescription }
  | { type: 'instanceRemoved'; instance: string }
  | { type: 'metrics'; metrics: InstanceMetrics }
  | { type: 'trusted' }
  /** Something that a person should notice who may be looking elsewhere. */
  | { type: 'alert'; title: string; text: string }
  | { type: 'graph'; event: GraphEvent }
  /** Own actors were loaded, or failed to: the catalogue may have changed. */
  | { type: 'actorsChanged' }
