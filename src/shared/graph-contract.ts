import { oc } from '@orpc/contract'
import * as v from 'valibot'
import { analysisRequestSchema, graphAnalysisSchema, networkLoadSchema } from './graph-analysis.ts'
import { actorDescriptionSchema } from './actor-description.ts'
import { graphChangeSchema, graphCommandSchema } from './graph-command.ts'

/** A graph of a lab is named by its path as the lab file has it, one inside others by its path from the lab's folder. */
const graphInput = v.object({ graph: v.string() })
const done = v.object({})

export const graphUseSchema = v.object({ graph: v.string(), node: v.string() })
/** A node that is a use of a graph. */
export type GraphUse = v.InferOutput<typeof graphUseSchema>

export const graphSummarySchema = v.object({
  graph: v.string(),
  /** The instances that are made of it; none for a graph that is only used inside others. */
  instances: v.array(v.string()),
  /** The nodes of the lab's graphs that are this graph: an edit of it changes all of them. */
  uses: v.array(graphUseSchema),
  /** Counts edits, undos and redos: two equal numbers mean the same graph. */
  revision: v.number(),
  /** Whether it differs from the file as it was opened or saved. */
  isChanged: v.boolean(),
  /** Present on a graph that is in no file yet: its first save makes one. */
  isNew: v.optional(v.literal(true)),
  /** Whether something else has changed the file since; a save is refused then unless it is told to overwrite. */
  isChangedOnDisk: v.boolean(),
  /** Whether edits and undos go to running instances at once. */
  isLive: v.boolean(),
  /** What the undo and redo of a menu would say, as `delete 3 nodes`. */
  undoName: v.optional(v.string()),
  redoName: v.optional(v.string()),
  /** Running instances whose network is not what the graph says. */
  notApplied: v.array(v.string()),
})
/** One graph of the lab, without its content. */
export type GraphSummary = v.InferOutput<typeof graphSummarySchema>

export const graphEventSchema = v.object({
  /** `uses`: it is used elsewhere now, or no longer, or it has just been opened because it is. */
  type: v.picklist(['edited', 'undone', 'redone', 'reloaded', 'saved', 'applied', 'changedOnDisk', 'live', 'uses']),
  summary: graphSummarySchema,
  /** Of an edit, undo, redo or reload: what leads from the graph of the revision before to the graph now. */
  changes: v.array(graphChangeSchema),
  /** What was done, as a menu says it. */
  name: v.optional(v.string()),
})
/** Something happened to a graph of the lab. */
export type GraphEvent = v.InferOutput<typeof graphEventSchema>

export const graphDifferenceSchema = v.object({
  type: v.picklist(['added', 'removed', 'changed', 'renamed']),
  /** `node`, `wire`, `initial message`, `group`, `note`, `property` … */
  kind: v.string(),
  name: v.string(),
  /** One line for a person. */
  text: v.string(),
  /** Whether a running network behaves otherwise: places, labels, groups and notes do not matter. */
  matters: v.boolean(),
})
/** A difference between two graphs, as it is shown. */
export type ShownDifference = v.InferOutput<typeof graphDifferenceSchema>

const editResult = v.object({ summary: graphSummarySchema, changes: v.array(graphChangeSchema) })
/** Also the graph inside, and the nodes that the edit put into the outer one. */
const subgraphResult = v.object({ ...editResult.entries, inner: v.string(), nodes: v.array(v.string()) })
/** Commands that are done first, as part of the step, such as giving nodes the places that they are shown at. */
const before = v.optional(v.array(graphCommandSchema))

/** The graphs of a lab: edited, undone, compared with what runs, applied to it, saved. Edits may be made before the folder is trusted. */
export const graphContract = {
  list: oc.input(v.object({})).output(v.array(graphSummarySchema)),
  /**
   * The graph as it is now, unsaved edits included, a GraphExport; the graphs inside it, described as actors are; and which graph of the
   * lab each of them is, to be edited by that name, or why it cannot be.
   */
  get: oc.input(graphInput).output(
    v.object({
      summary: graphSummarySchema,
      value: v.record(v.string(), v.unknown()),
      inner: v.array(actorDescriptionSchema),
      insides: v.array(
        v.object({ component: v.string(), graph: v.optional(v.string()), refusal: v.optional(v.string()) }),
      ),
    }),
  ),
  /** The text that a save would write. */
  text: oc.input(graphInput).output(v.object({ text: v.string() })),
  /**
   * Does commands as one step, all or none. Edits that follow each other with the same `mergeKey` become one step. `undoLimit`
   * steps can be undone. Refused with the code of what stands in the way, such as `NODE_UNKNOWN`, or `SUBGRAPH_CYCLE` for a graph that
   * would be put into itself.
   */
  edit: oc
    .input(
      v.object({
        graph: v.string(),
        commands: v.array(graphCommandSchema),
        name: v.optional(v.string()),
        mergeKey: v.optional(v.string()),
      }),
    )
    .output(editResult),
  /**
   * Makes a graph of nodes, in a new file beside this one that a save writes, and puts a node called `name` in their place; notes may go with
   * them. One step of this graph. Refused as an edit is, and with `NODE_EXPORTED` for a node that peers know by its name.
   */
  makeSubgraph: oc
    .input(
      v.object({
        graph: v.string(),
        nodes: v.array(v.string()),
        notes: v.optional(v.array(v.string())),
        name: v.string(),
        before,
      }),
    )
    .output(subgraphResult),
  /**
   * Puts what is inside a node in its place, as one step; the graph inside stays as it is. Refused as an edit is, with `NODE_EXPORTED`,
   * `WIRE_DUPLICATE` where two of its ports are one inside, `FILE_NOT_FOUND`, `FILE_INVALID`, and `FORBIDDEN` for a file outside the lab.
   */
  dissolveSubgraph: oc.input(v.object({ graph: v.string(), node: v.string(), before })).output(subgraphResult),
  /** Answers no changes when there is nothing to undo or redo. */
  undo: oc.input(graphInput).output(editResult),
  redo: oc.input(graphInput).output(editResult),
  /** Writes the file. `FILE_CHANGED` when something else has written it meanwhile, unless `overwrite`. */
  save: oc.input(v.object({ graph: v.string(), overwrite: v.optional(v.boolean()) })).output(graphSummarySchema),
  /** Takes the file as it is on disk, as a step that can be undone; `FILE_INVALID` when it cannot be read. */
  reload: oc.input(graphInput).output(graphSummarySchema),
  /** Goes back to what runs, or to the file where nothing runs, as a step that can be undone. */
  discard: oc.input(graphInput).output(editResult),
  /**
   * What an apply would change of this graph, for each running instance that is made of it or contains it, or how the graph differs from
   * its file. What graphs inside it change is listed under their own names.
   */
  differences: oc
    .input(v.object({ graph: v.string(), against: v.picklist(['running', 'file']) }))
    .output(v.array(v.object({ instance: v.optional(v.string()), differences: v.array(graphDifferenceSchema) }))),
  /**
   * Brings the running instances that are made of the graph or contain it to what is drawn, the graphs inside included: nodes and wires come, change and go while the rest runs on. All or none of an
   * instance; refused with the code of what cannot be.
   */
  apply: oc
    .input(v.object({ graph: v.string(), instance: v.optional(v.string()) }))
    .output(v.object({ applied: v.array(v.string()), summary: graphSummarySchema })),
  /**
   * What the wiring means for how the graph can run: stages, critical path, ways, where much comes together; and for every running
   * instance of it, as it runs, where the time of the last seconds went and who blocks whom. `NODE_UNKNOWN`.
   */
  analyse: oc.input(v.object({ graph: v.string(), ...analysisRequestSchema.entries })).output(
    v.object({
      analysis: graphAnalysisSchema,
      running: v.array(v.object({ instance: v.string(), load: networkLoadSchema })),
    }),
  ),
  /** Applies every edit and undo at once from now on, beginning with what is not applied yet. */
  setLive: oc.input(v.object({ graph: v.string(), live: v.boolean() })).output(done),
}
