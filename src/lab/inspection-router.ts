import type { TaggedMessage } from '../shared/index.ts'
import type { AcknowledgedStreams } from './acknowledged-stream.ts'
import { done, type ContractImplementer } from './contract-implementer.ts'
import type { Lab } from './lab.ts'

/** Messages a tap keeps for a consumer that has not acknowledged yet. */
const tapBacklog = 500

/** The part of the contract that looks into a running instance and runs it by hand. */
export function inspectionRouter(os: ContractImplementer, lab: Lab, streams: AcknowledgedStreams) {
  const { wires, breakpoints, nodes, instances, deadLetters } = os
  return {
    wires: {
      peek: wires.peek.handler(({ input: { instance, ...rest } }) => lab.ask(instance, 'peek', rest)),
      remove: wires.remove.handler(({ input: { instance, ...rest } }) =>
        done(lab.ask(instance, 'removeMessage', rest)),
      ),
      clear: wires.clear.handler(({ input: { instance, wire } }) => lab.ask(instance, 'clearWire', { wire })),
      configure: wires.configure.handler(({ input: { instance, ...rest } }) =>
        done(lab.ask(instance, 'configureWire', rest)),
      ),
    },
    breakpoints: {
      list: breakpoints.list.handler(({ input: { instance } }) => lab.ask(instance, 'listBreakpoints', {})),
      set: breakpoints.set.handler(({ input: { instance, ...rest } }) =>
        done(lab.ask(instance, 'setBreakpoint', rest)),
      ),
      clear: breakpoints.clear.handler(({ input: { instance, wire } }) =>
        lab.ask(instance, 'clearBreakpoint', { wire }),
      ),
      held: breakpoints.held.handler(({ input: { instance, ...rest } }) => lab.ask(instance, 'listHeld', rest)),
      release: breakpoints.release.handler(({ input: { instance, ...rest } }) => lab.ask(instance, 'release', rest)),
      edit: breakpoints.edit.handler(({ input: { instance, value, ...rest } }) =>
        done(lab.ask(instance, 'replaceMessage', { ...rest, value: value as TaggedMessage })),
      ),
      drop: breakpoints.drop.handler(({ input: { instance, ...rest } }) =>
        done(lab.ask(instance, 'removeMessage', rest)),
      ),
    },
    nodes: {
      pause: nodes.pause.handler(({ input: { instance, node } }) => done(lab.ask(instance, 'pause', { node }))),
      restart: nodes.restart.handler(({ input: { instance, ...rest } }) =>
        done(lab.ask(instance, 'restartNode', rest)),
      ),
      resume: nodes.resume.handler(({ input: { instance, node } }) => done(lab.ask(instance, 'resume', { node }))),
      step: nodes.step.handler(({ input: { instance, ...rest } }) => done(lab.ask(instance, 'step', rest))),
      drain: nodes.drain.handler(({ input: { instance, ...rest } }) => lab.ask(instance, 'drain', rest)),
    },
    instances: {
      pause: instances.pause.handler(({ input: { instance } }) => done(lab.ask(instance, 'pause', {}))),
      resume: instances.resume.handler(({ input: { instance } }) => done(lab.ask(instance, 'resume', {}))),
      step: instances.step.handler(({ input: { instance, count } }) => done(lab.ask(instance, 'step', { count }))),
      drain: instances.drain.handler(({ input: { instance, ...rest } }) => lab.ask(instance, 'drain', rest)),
    },
    deadLetters: {
      retry: deadLetters.retry.handler(({ input: { instance, sequence } }) =>
        done(lab.ask(instance, 'retryDeadLetter', { sequence })),
      ),
      drop: deadLetters.drop.handler(({ input: { instance, sequence } }) =>
        done(lab.ask(instance, 'dropDeadLetter', { sequence })),
      ),
    },
    tap: os.streams.tap.handler(async ({ input: { instance, ...tap }, signal }) => {
      // Before the stream, so that what stands in its way is answered as an error with a code.
      const { listen } = await lab.tap(instance, tap)
      return streams.open(listen, { keep: 'newest', limit: tapBacklog }, signal)
    }),
  }
}
