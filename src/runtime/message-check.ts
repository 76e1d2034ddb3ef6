import type { StandardSchemaV1 } from '@standard-schema/spec'
import { describeError } from '../shared/index.ts'
import { describeIssue, isThenable } from './node-config.ts'
import { type Arrival, arrivalsOf, type Context } from './context.ts'
import type { InputSlot } from './inputs.ts'
import type { NodeFailures } from './node-failures.ts'
import { estimateBytes } from './message-size.ts'
import type { Wire } from './wire.ts'

/** Puts what the inport's schema made of a message in its place; a message that does not fit becomes a dead letter. */
export function validateArrival(failures: NodeFailures, wire: Wire, slot: InputSlot): boolean {
  const fault = checkMessage(wire, slot)
  if (fault === undefined) return true
  failures.bury([{ port: wire.to.port, source: wire.origin, value: slot.value }], 'MESSAGE_INVALID', fault)
  return false
}

/** Checks all messages of a set; if one does not fit, all become dead letters, so that those that come after still pair up. */
export function validateSet(failures: NodeFailures, context: Context): boolean {
  const faults = context.wires.map((wire, index) => {
    const slot = context.view.slots[index]
    return slot === undefined ? undefined : checkMessage(wire, slot)
  })
  const wrong = faults.findIndex((fault) => fault !== undefined)
  if (wrong < 0) return true
  const port = context.wires[wrong]?.to.port ?? ''
  arrivalsOf(context).forEach((arrival: Arrival, index) => {
    failures.bury(
      [arrival],
      'MESSAGE_INVALID',
      faults[index] ?? `the message on "${port}" that it came with does not fit`,
    )
  })
  return false
}

/** What is wrong with a message; if nothing, the slot holds the value as its schema gives it. */
function checkMessage({ inport }: Wire, slot: InputSlot): string | undefined {
  if (inport.schema === undefined) return undefined
  let result: ReturnType<StandardSchemaV1['~standard']['validate']>
  try {
    result = inport.schema['~standard'].validate(slot.value)
  } catch (error) {
    return `the schema of inport "${inport.name}" threw: ${describeError(error)}`
  }
  if (isThenable(result)) {
    // Nobody waits for it, so its failure must not become an unhandled one.
    result.then(undefined, () => {})
    return `the schema of inport "${inport.name}" is asynchronous; use one that answers at once`
  }
  if (result.issues === undefined) {
    if (slot.value !== result.value) {
      slot.value = result.value
      slot.size = estimateBytes(slot.value)
    }
    return undefined
  }
  return result.issues.map((issue) => describeIssue(issue)).join('; ')
}
