import { inspect } from 'node:util'
import * as v from 'valibot'
import { defineActor } from '../runtime/index.ts'
import { logLevels, type LogLevel } from '../shared/index.ts'
import { alertSchema } from './payloads.ts'

const config = v.object({
  /** Stands before every line, in brackets, when given. */
  instance_name: v.optional(v.string()),
  /** The level of the lines, unless a message says its own (an alert does). */
  log_level: v.optional(v.picklist(logLevels), 'info'),
})

const longestLine = 2000

/** Writes whatever it gets to the log of the lab, one line each, and passes it on. */
export const distributedLogger = defineActor({
  name: 'DistributedLogger',
  description: 'Writes each message to the log, texts as they are and objects on one line.',
  inports: { Input: { capacity: 100 } },
  outports: { Output: { capacity: 50, description: 'every message, unchanged' } },
  config,
  run({ inputs, config: { instance_name, log_level }, log }) {
    const { level, text } = toLine(inputs.Input, log_level)
    const line = instance_name === undefined ? text : `[${instance_name}] ${text}`
    log[level](line.length <= longestLine ? line : `${line.slice(0, longestLine)} … (${line.length} characters)`)
    return { Output: inputs.Input }
  },
})

function toLine(message: unknown, level: LogLevel): { level: LogLevel; text: string } {
  if (typeof message === 'string') return { level, text: onOneLine(message) }
  const alert = v.safeParse(alertSchema, message)
  if (alert.success) return { level: alert.output.severity === 'warning' ? 'warn' : 'info', text: alert.output.message }
  const pretty = inspect(message, {
    breakLength: Infinity,
    compact: true,
    depth: 4,
    maxArrayLength: 10,
    maxStringLength: 200,
  })
  return { level, text: onOneLine(pretty) }
}

/** Without a regular expression over blanks and breaks: on a long run of blanks that takes time by the square of its length. */
function onOneLine(text: string): string {
  if (!/[\r\n]/.test(text)) return text
  const lines = text.split(/[\r\n]+/).map((line) => line.trim())
  return lines.join(' ⏎ ')
}
