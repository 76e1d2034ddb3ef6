import { eventIterator, oc } from '@orpc/contract'
import * as v from 'valibot'
import { actorDescriptionSchema } from './actor-description.ts'
import { graphContract, graphEventSchema } from './graph-contract.ts'
import { homeContract, noticeContract } from './home-contract.ts'
import { layoutContract } from './layout-contract.ts'
import { linkContract } from './link-contract.ts'
import { batch } from './contract-batch.ts'
import {
  breakpointContract,
  deadLetterActionContract,
  instanceControlContract,
  nodeControlContract,
  tapStream,
  wireContract,
} from './contract-inspection.ts'
import { logEntrySchema, logLevels } from './log-entry.ts'
import { traceContract } from './trace.ts'
import { taggedMessageSchema } from './tagged-message-schema.ts'
import { deadLetterSchema, instanceDescriptionSchema, instanceMetricsSchema, metricsPointSchema } from './snapshot.ts'

/** What opening a file of an untrusted folder would allow; shown before the first start. */
export const trustRequestSchema = v.object({
  folder: v.string(),
  trusted: v.boolean(),
  /** What the lab would do beyond computing, one line each: own actors, files, network, programs. */
  abilities: v.array(v.string()),
  environment: v.array(v.string()),
})
export type TrustRequest = v.InferOutput<typeof trustRequestSchema>

export const ownActorsSchema = v.object({
  /** The name of the folder of actors that the lab brings along. */
  folder: v.string(),
  /** Its modules, once they have been loaded; `error` says why the newest version of one is not in use. */
  modules: v.array(v.object({ file: v.string(), actors: v.array(v.string()), error: v.optional(v.string()) })),
})
/** The actors that a lab brings along. */
export type OwnActorsDescription = v.InferOutput<typeof ownActorsSchema>

export const labDescriptionSchema = v.object({
  name: v.string(),
  /** As the user wrote it, or its file name; absolute paths are shown nowhere else. */
  file: v.string(),
  version: v.string(),
  /** `desktop` windows have native menus and files; `browser` ones see only the served folder. */
  door: v.picklist(['desktop', 'browser', 'none']),
  trust: trustRequestSchema,
  instances: v.array(instanceDescriptionSchema),
  /** Present when the lab names a folder of own actors; they are part of the catalogue once loaded. */
  ownActors: v.optional(ownActorsSchema),
  warnings: v.array(v.string()),
})
/** The whole lab, without its figures. */
export type LabDescription = v.InferOutput<typeof labDescriptionSchema>

const nothing = v.object({})
const done = v.object({})
const instanceInput = v.object({ instance: v.string() })
const optionalInstance = v.object({ instance: v.optional(v.string()) })

/** Everything a window, a browser or a test can ask of a lab. Implemented once, in `lab`. */
export const contract = {
  lab: {
    get: oc.input(nothing).output(labDescriptionSchema),
    catalogue: oc.input(nothing).output(v.array(actorDescriptionSchema)),
    /** Trusts the folder of the lab that is open, for good; `NOT_TRUSTED` of a start names what that allows. */
    trust: oc.input(nothing).output(done),
  },
  instances: {
    start: oc.input(instanceInput).output(done),
    /** Drains, then stops; what is left after the deadline is reported in the log. */
    stop: oc.input(instanceInput).output(done),
    /** Ends it at once. */
    kill: oc.input(instanceInput).output(done),
    restart: oc.input(instanceInput).output(done),
    /** Adds a copy of an instance, of the same graph and with the same peers, under the next free name and at any free port; not started. */
    duplicate: oc.input(instanceInput).output(instanceInput),
    /** Stops a copy and takes it away. `INSTANCE_STATE` for an instance of the lab file. */
    remove: oc.input(instanceInput).output(done),
    /** Says where it runs from its next start on, while the lab is open; the lab file stays as it is. */
    isolate: oc
      .input(v.object({ ...instanceInput.entries, isolation: v.picklist(['thread', 'process']) }))
      .output(done),
    startAll: oc.input(nothing).output(done),
    stopAll: oc.input(nothing).output(done),
    ...instanceControlContract,
  },
  nodes: {
    /** Puts one message on an inport, as tagged JSON. */
    send: oc
      .input(v.object({ instance: v.string(), node: v.string(), port: v.string(), message: taggedMessageSchema }))
      .output(done),
    ...nodeControlContract,
  },
  links: linkContract,
  wires: wireContract,
  breakpoints: breakpointContract,
  graphs: graphContract,
  deadLetters: {
    ...deadLetterActionContract,
    list: oc.input(optionalInstance).output(v.array(v.object({ instance: v.string(), letter: deadLetterSchema }))),
  },
  traces: traceContract,
  metrics: {
    history: oc
      .input(v.object({ sinceMs: v.optional(v.number()) }))
      .output(v.array(v.object({ instance: v.string(), points: v.array(metricsPointSchema) }))),
  },
  logs: {
    /** The newest lines that fit, oldest first. */
    recent: oc
      .input(
        v.object({ limit: v.number(), level: v.optional(v.picklist(logLevels)), instance: v.optional(v.string()) }),
      )
      .output(v.array(logEntrySchema)),
  },
  layout: layoutContract,
  home: homeContract,
  alerts: noticeContract,
  streams: {
    /** The lab, whenever it changes; the newest one replaces those that were not taken. */
    lab: oc.input(nothing).output(eventIterator(batch(labDescriptionSchema))),
    /** The figures of every running instance, at most four times a second; only the newest of each instance is kept. */
    metrics: oc.input(nothing).output(eventIterator(batch(instanceMetricsSchema))),
    /** What happens to the graphs from now on; `notShown` above 0 means that the graphs should be read anew. */
    graphs: oc.input(nothing).output(eventIterator(batch(graphEventSchema))),
    /** New log lines from now on. */
    logs: oc.input(nothing).output(eventIterator(batch(logEntrySchema))),
    tap: tapStream,
    /** Says that a batch has been shown, so that the next may come. */
    acknowledge: oc.input(v.object({ stream: v.string(), number: v.number() })).output(done),
  },
}
/** The contract between a lab and its windows. */
export type Contract = typeof contract
