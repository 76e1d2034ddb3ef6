import type { LogEntry } from '../shared/index.ts'
import { paintLevel, type Colours } from './colours.ts'
import { visible } from './visible.ts'

/** Writes a log line for a person: time, level, who, text. */
export function formatLogLine({ timeMs, level, instance, node, text }: LogEntry, colours: Colours): string {
  const time = new Date(timeMs)
  const clock = [time.getHours(), time.getMinutes(), time.getSeconds()]
    .map((part) => String(part).padStart(2, '0'))
    .join(':')
  const stamp = `${clock}.${String(time.getMilliseconds()).padStart(3, '0')}`
  const who = visible(node === undefined ? instance : `${instance} ${node}`)
  return `${colours.dim(stamp)} ${paintLevel(level, level.padEnd(5), colours)} ${colours.cyan(who)}  ${visible(text)}`
}
