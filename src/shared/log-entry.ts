import * as v from 'valibot'

/** How serious a log line is, from least to most. */
export const logLevels = ['debug', 'info', 'warn', 'error'] as const
export type LogLevel = (typeof logLevels)[number]

/** One line of the merged log of a lab. Texts come from actors and peers: show them as text, never as markup. */
export const logEntrySchema = v.object({
  /** Grows by one per line of this lab. */
  sequence: v.number(),
  /** Milliseconds since the epoch, by the clock of the instance that wrote it. */
  timeMs: v.number(),
  level: v.picklist(logLevels),
  /** `networkId/instanceId`, or `lab` for the lab itself. */
  instance: v.string(),
  /** The node that wrote it; absent for the instance itself. */
  node: v.optional(v.string()),
  text: v.string(),
})
export type LogEntry = v.InferOutput<typeof logEntrySchema>
