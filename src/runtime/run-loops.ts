import type { ActorDefinition } from './actor.ts'
import type { AsyncRuns } from './async-runs.ts'
import type { Context } from './context.ts'
import type { NodeFailures } from './node-failures.ts'
import type { Inport } from './inport.ts'
import type { Intake } from './intake.ts'
import { clearSlot, type InputSlot, type InputView, type SharedInputs } from './inputs.ts'
import { isThenable } from './node-config.ts'
import { validateArrival, validateSet } from './message-check.ts'
import type { Sender } from './outbox.ts'
import type { Pace } from './scheduler.ts'
import type { Sizer } from './sizer.ts'
import type { Wire } from './wire.ts'

/** What the loops need of a node. */
export interface LoopNode {
  readonly failures: NodeFailures
  readonly actor: ActorDefinition
  readonly behaviour: (context: Context) => unknown
  readonly inports: readonly Inport[]
  readonly intake: Intake
  readonly outbox: { readonly obstacles: number }
  readonly shared: SharedInputs
  readonly figures: { received: number }
  readonly checksMessages: boolean
  /** Says when a batch has had its time. */
  readonly pace: Pace
  readonly sizer: Sizer
  /** What a synchronous behaviour works with, message after message. */
  readonly context: Context
  /** Present once the behaviour has turned out to be asynchronous. */
  readonly asyncRuns: AsyncRuns | undefined
  readonly turns: { canRun(): boolean }
  /** Makes a context, of one asynchronous run where it names its sender. */
  newContext(sender?: Sender): Context
  putOutputs(outputs: unknown, context: Context): void
  becomeAsync(view: InputView, outputs: PromiseLike<unknown>): void
}

/** Runs a synchronous behaviour once per message, wire by wire; gives the number of messages. */
export function runAny(node: LoopNode, limit: number): number {
  const { pace } = node
  const gate = node.intake
  let handled = 0
  while (handled < limit && !pace.isOver && node.asyncRuns === undefined && node.turns.canRun()) {
    const wire = gate.peek()
    if (wire === undefined) break
    try {
      handled = drainWire(node, wire, handled, limit)
    } finally {
      wire.settle()
      gate.pass(wire)
    }
  }
  return handled
}

// Gives the number of messages that the batch has handled, with those it had before. The hot loop of the whole runtime, 25 to 30 ns per
// message with what the behaviour emits: keep it lean. Nothing is allocated per message, what is the same for all of a wire's messages is
// read once, and what only some wires or nodes want (a policy, a trace, a tap) stands in front of it or in a loop of its own.
function drainWire(node: LoopNode, wire: Wire, before: number, limit: number): number {
  const { outbox, context, actor, behaviour, pace } = node
  const { inport } = wire
  const view = node.shared.ofPort(inport.index)
  const slot = view.slots[0]
  if (slot === undefined) return before
  context.show(view, inport.name)
  context.wires[0] = wire
  node.sizer.slot = slot
  let handled = before
  while (handled < limit && wire.queued > 0 && outbox.obstacles === 0) {
    if (pace.endsAt(handled)) break
    wire.takeInto(slot)
    handled++
    if (inport.schema !== undefined && !validateArrival(node.failures, wire, slot)) continue
    let outputs: unknown
    try {
      outputs = behaviour.call(actor, context)
    } catch (error) {
      outputs = node.failures.tryAgain(context, error)
    }
    if (isThenable(outputs)) {
      // Its context goes with it, and what it has rejected stays so.
      node.becomeAsync(view, outputs)
      node.figures.received += handled - before
      return handled
    }
    if (outputs !== undefined) node.putOutputs(outputs, context)
    if (context.rejected) context.rejected = false
  }
  clearSlot(slot)
  node.figures.received += handled - before
  return handled
}

/** Runs a synchronous behaviour once per set of one message from each inport; gives the number of messages. */
export function runAll(node: LoopNode, limit: number): number {
  const { context, actor, behaviour, pace } = node
  const view = node.shared.ofAll()
  context.show(view, node.inports.at(-1)?.name ?? '')
  let handled = 0
  for (let sets = 0; handled < limit && node.asyncRuns === undefined && node.turns.canRun(); sets++) {
    if (pace.endsAt(sets)) break
    takeSet(node, context.wires, view.slots)
    handled += view.slots.length
    if (node.checksMessages && !validateSet(node.failures, context)) continue
    let outputs: unknown
    try {
      outputs = behaviour.call(actor, context)
    } catch (error) {
      outputs = node.failures.tryAgain(context, error)
    }
    if (isThenable(outputs)) {
      // Its context goes with it, and what it has rejected stays so.
      node.becomeAsync(view, outputs)
      node.figures.received += handled
      return handled
    }
    if (outputs !== undefined) node.putOutputs(outputs, context)
    if (context.rejected) context.rejected = false
  }
  for (const slot of view.slots) clearSlot(slot)
  node.figures.received += handled
  return handled
}

/** Starts asynchronous runs as long as there is room for more; gives the number of messages. */
export function runAsync(node: LoopNode, limit: number): number {
  const { pace } = node
  let handled = 0
  for (let runs = 0; handled < limit && !pace.endsAt(runs) && node.turns.canRun(); runs++) {
    if (node.asyncRuns?.isOver === true) break
    const context = takeArrivals(node)
    handled += context.wires.length
    node.figures.received += context.wires.length
    if (!node.checksMessages || validateSet(node.failures, context)) node.asyncRuns?.start(context)
  }
  return handled
}

/** Takes what the next asynchronous run is for into a context of its own. */
function takeArrivals(node: LoopNode): Context {
  const context = node.newContext({ waiting: undefined })
  const slots = Array.from({ length: node.intake.gates }, (): InputSlot => ({ value: undefined, size: 0 }))
  takeSet(node, context.wires, slots)
  const entries = context.wires.map((wire, index) => [wire.inport.name, slots[index]?.value] as const)
  context.show({ slots, inputs: Object.fromEntries(entries) }, context.wires.at(-1)?.inport.name ?? '')
  return context
}

/** Takes one message from each gate. */
function takeSet(node: LoopNode, wires: Wire[], slots: readonly InputSlot[]): void {
  for (let index = 0; index < slots.length; index++) {
    const gate = node.intake.gateOf(index)
    const wire = gate.peek()
    const slot = slots[index]
    if (wire === undefined || slot === undefined) continue
    wires[index] = wire
    wire.takeInto(slot)
    wire.settle()
    gate.pass(wire)
  }
}
