/** The actor that does what a node of Node-RED does. */
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

type Fields = Readonly<Record<string, unknown>>

/** Makes a counterpart of a node's settings, or nothing where there is none for these; `find` gives config nodes. */
type ToCounterpart = (fields: Fields, find: (id: string) => Fields | undefined) => Counterpart | undefined

/**
 * Node-RED's core nodes that have a counterpart in the catalogue, by type. What is not here, functions in JavaScript above all,
 * becomes a placeholder: running something similar would be worse than running nothing.
 */
export const nodeRedCounterparts: Readonly<Record<string, ToCounterpart>> = {
  inject: (fields) => {
    const seconds = Number(fields['repeat'])
    // Without an interval it fires on a click, or by the calendar.
    if (!(seconds > 0)) return undefined
    const value = injected(fields)
    const changed = [
      'it sends the payload alone, not a message object around it',
      ...(fields['once'] === true ? ['it does not also fire once after the start'] : []),
      ...(value.isKnown ? [] : ['what it sent cannot be sent here; it sends true']),
    ]
    return {
      component: 'Interval',
      config: { intervalMs: Math.max(1, Math.round(seconds * 1_000)), ...(value.isKnown && { value: value.value }) },
      outports: ['Output'],
      changed,
    }
  },
  debug: (fields) => ({
    component: 'DistributedLogger',
    config: { instance_name: typeof fields['name'] === 'string' && fields['name'] !== '' ? fields['name'] : 'debug' },
    inport: 'Input',
    outports: ['Output'],
    changed: ['it logs the whole message'],
  }),
}

/** What an inject node sends as its payload. */
function injected(fields: Fields): { isKnown: boolean; value?: unknown } {
  const { payloadType, payload } = fields
  switch (payloadType) {
    case 'str':
      return { isKnown: true, value: String(payload ?? '') }
    case 'num':
      return Number.isFinite(Number(payload)) ? { isKnown: true, value: Number(payload) } : { isKnown: false }
    case 'bool':
      return { isKnown: true, value: payload === 'true' || payload === true }
    case 'json':
      try {
        return { isKnown: true, value: JSON.parse(String(payload)) }
      } catch {
        // Node-RED sends nothing then, and says so at run time.
        return { isKnown: false }
      }
    default:
      return { isKnown: false }
  }
}
