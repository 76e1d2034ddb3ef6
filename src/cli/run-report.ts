import { instanceName } from '../graph/index.ts'
import type { Lab, LabEvent, Summary } from '../lab/index.ts'
import type { InstanceState } from '../shared/index.ts'
import { coloursFor, type Colours } from './colours.ts'
import type { Console } from './console.ts'
import { formatDeadLetters } from './dead-letter-text.ts'
import { formatLogLine } from './log-line.ts'
import { formatSummary } from './summary-text.ts'
import { formatTraces } from './trace-text.ts'

/** Prints what happens in a lab while it runs, and what it came to: for a person, or as lines of JSON. */
export class RunReport {
  /** Stops printing; safe to call twice. */
  readonly stop: () => void
  readonly #lab: Lab
  readonly #console: Console
  readonly #colours: Colours
  readonly #json: boolean
  /** Whether messages are followed. */
  readonly #follows: boolean
  /** Instances that ended by themselves, with how; stopping the lab makes them look like the others. */
  readonly #ended = new Map<string, { state: InstanceState; reason?: string }>()

  constructor(lab: Lab, console: Console, { json, follows = false }: { json: boolean; follows?: boolean }) {
    this.#lab = lab
    this.#console = console
    this.#colours = coloursFor(console)
    this.#json = json
    this.#follows = follows
    this.stop = lab.subscribe((event) => this.#print(event))
  }

  /** Prints the summary, last of all on standard output; for a person also which nodes have dead letters. */
  finish(): void {
    this.stop()
    if (this.#follows) this.#printTraces()
    const summary = this.#summary()
    if (this.#json) this.#printJson({ type: 'summary', ...summary })
    else {
      for (const line of formatSummary(summary, this.#colours)) this.#console.print(line)
      for (const line of formatDeadLetters(this.#lab)) this.#console.complain(`millrace: warning: ${line}`)
    }
  }

  #print(event: LabEvent): void {
    if (event.type === 'log') {
      if (this.#json) this.#printJson({ type: 'log', ...event.entry })
      else this.#console.print(formatLogLine(event.entry, this.#colours))
    } else if (event.type === 'instance') {
      const { instance, state, address, reason } = event.description
      if (state === 'failed' || state === 'crashed')
        this.#ended.set(instance, { state, ...(reason !== undefined && { reason }) })
      else if (state === 'running') this.#ended.delete(instance)
      if (this.#json)
        this.#printJson({ type: 'instance', instance, state, address, ...(reason !== undefined && { reason }) })
    }
  }

  #printTraces(): void {
    const traces = this.#lab.traces.store.all()
    if (this.#json)
      for (const spans of traces) this.#printJson({ type: 'trace', traceId: spans[0]?.traceId ?? '', spans })
    else for (const line of formatTraces(traces, this.#colours)) this.#console.print(line)
  }

  #summary(): Summary {
    const summary = this.#lab.summary()
    const instances = summary.instances.map((one) => ({ ...one, ...this.#ended.get(instanceName(one)) }))
    return { ...summary, instances }
  }

  #printJson(line: object): void {
    this.#console.print(JSON.stringify(line))
  }
}
