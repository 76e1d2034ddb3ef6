import type { InstanceState, LinkSnapshot, NodeSnapshot } from '../../shared/index.ts'

/** Any state that the window marks with a sign. */
export type AnyState = InstanceState | NodeSnapshot['state'] | LinkSnapshot['state'] | 'unknown'

/** How a state is marked: a shape and a tone that both tell it, so that colour is never alone. */
export interface StateLook {
  shape: 'disc' | 'ring' | 'square' | 'triangle' | 'diamond' | 'bars' | 'cross' | 'arc'
  tone: 'good' | 'muted' | 'info' | 'warn' | 'bad'
  label: string
}

const looks: Record<AnyState, StateLook> = {
  running: { shape: 'disc', tone: 'good', label: 'running' },
  idle: { shape: 'ring', tone: 'good', label: 'idle' },
  starting: { shape: 'arc', tone: 'info', label: 'starting' },
  stopping: { shape: 'arc', tone: 'info', label: 'stopping' },
  stopped: { shape: 'square', tone: 'muted', label: 'stopped' },
  failed: { shape: 'triangle', tone: 'bad', label: 'failed' },
  crashed: { shape: 'cross', tone: 'bad', label: 'crashed' },
  blocked: { shape: 'diamond', tone: 'warn', label: 'blocked' },
  paused: { shape: 'bars', tone: 'info', label: 'paused' },
  parked: { shape: 'triangle', tone: 'warn', label: 'parked' },
  up: { shape: 'disc', tone: 'good', label: 'up' },
  connecting: { shape: 'arc', tone: 'info', label: 'connecting' },
  suspect: { shape: 'diamond', tone: 'warn', label: 'suspect' },
  down: { shape: 'triangle', tone: 'bad', label: 'down' },
  refused: { shape: 'cross', tone: 'bad', label: 'refused' },
  closed: { shape: 'square', tone: 'muted', label: 'closed' },
  unknown: { shape: 'ring', tone: 'muted', label: 'no figures' },
}

/** How to mark a state. */
export function lookOf(state: AnyState): StateLook {
  return looks[state]
}
