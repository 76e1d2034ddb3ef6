import type { Flow, FlowNode } from './flow.ts'

/** The actor that does what a node of Node-RED does. Messages are what `msg.payload` was: nothing of `msg` travels beside it. */
export interface Counterpart {
  component: string
  config: Record<string, unknown>
  /** Where its wires come in; absent on a source. */
  inport?: string
  /** By Node-RED's number of the output. */
  outports: readonly string[]
  /** What is not as it was. */
  changed: string[]
}

/** Makes a counterpart of a node as it is set, or says why there is none: then it becomes a placeholder. */
export type ToCounterpart = (node: FlowNode, flow: Flow) => Counterpart | string

/** Counterparts by type of node. */
export type Counterparts = Readonly<Record<string, ToCounterpart>>

/** A counterpart with one way in and one way out, as most are. */
export function through(component: string, config: Record<string, unknown>, ...changed: string[]): Counterpart {
  return { component, config, inport: 'Input', outports: ['Output'], changed }
}

/** A counterpart that only emits. */
export function source(component: string, config: Record<string, unknown>, ...changed: string[]): Counterpart {
  return { component, config, outports: ['Output'], changed }
}
