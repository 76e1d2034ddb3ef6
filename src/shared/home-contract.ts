import { oc } from '@orpc/contract'
import * as v from 'valibot'

const nothing = v.object({})
const done = v.object({})

export const homeSchema = v.object({
  /** Labs that came with Millrace; `actor` shows a single actor of the catalogue. */
  samples: v.array(
    v.object({ id: v.string(), title: v.string(), purpose: v.string(), kind: v.picklist(['lab', 'actor']) }),
  ),
  /** Labs that were opened before, newest first. */
  recent: v.array(v.object({ file: v.string(), name: v.string(), folder: v.string(), isThere: v.boolean() })),
  /** Whether there is a dialog to choose a file with. */
  canChoose: v.boolean(),
  /** Another lab takes the place of this one, which stops; otherwise it gets a window of its own. */
  staysHere: v.boolean(),
})
/** Where a person finds labs. */
export type HomeDescription = v.InferOutput<typeof homeSchema>

/** Labs other than the one that is shown. Opening one runs nothing that has not been trusted. */
export const homeContract = {
  get: oc.input(nothing).output(homeSchema),
  /** `FILE_NOT_FOUND`, `FILE_INVALID`, and `FORBIDDEN` where this door may not open it. */
  open: oc.input(v.union([v.object({ sample: v.string() }), v.object({ file: v.string() })])).output(done),
  /** Lets a person choose a file. `FORBIDDEN` in a browser. */
  choose: oc.input(nothing).output(done),
  /** Takes a file out of the recent ones. */
  forget: oc.input(v.object({ file: v.string() })).output(done),
}

/** What a window wants a person to notice who may be looking elsewhere. */
export const noticeContract = {
  /** An alert of a chart: it becomes a line of the log, and a native notification on the desktop. */
  raise: oc
    .input(v.object({ title: v.pipe(v.string(), v.maxLength(300)), text: v.pipe(v.string(), v.maxLength(300)) }))
    .output(done),
}
