import { oc } from '@orpc/contract'
import * as v from 'valibot'

const size = v.object({ width: v.number(), height: v.number() })

/** Lays graphs out in a thread of the lab, for windows that have no worker for it. */
export const layoutContract = {
  /**
   * Places the nodes of a graph, given as the text of its file; nothing is written. `keep: 'order'` keeps rows and columns as they
   * stand. Abandoning the call ends the work. `FILE_INVALID`, `LAYOUT_FAILED`.
   */
  place: oc
    .input(
      v.object({
        text: v.string(),
        keep: v.picklist(['order', 'nothing']),
        sizes: v.optional(v.record(v.string(), size)),
      }),
    )
    .output(
      v.object({
        positions: v.record(v.string(), v.object({ x: v.number(), y: v.number() })),
        elapsedMs: v.number(),
      }),
    ),
}
