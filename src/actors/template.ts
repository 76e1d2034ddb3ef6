import mustache from 'mustache'
import * as v from 'valibot'
import { defineActor } from '../runtime/index.ts'
import { choice } from './fields.ts'

const isTemplate = (text: string) => {
  try {
    mustache.parse(text)
    return true
  } catch {
    // What is wrong is said by the issue.
    return false
  }
}

const config = v.object({
  template: v.pipe(
    v.string(),
    v.check(isTemplate, 'expected a Mustache template whose sections are closed'),
    v.description('a Mustache template, such as {{name}} is {{temp}} °C; {{.}} is the message itself'),
  ),
  escape: v.optional(choice(['none', 'html', 'json'], 'how what is filled in is escaped'), 'none'),
})

const escapes: Record<v.InferOutput<typeof config>['escape'], (value: unknown) => string> = {
  none: textIn,
  html: (value) => mustache.escape(textIn(value)),
  json: (value) => JSON.stringify(textIn(value)).slice(1, -1),
}

/** Fills each message into a Mustache template. */
export const template = defineActor({
  name: 'Template',
  description: 'Fills the fields of each message into a Mustache template.',
  inports: { Input: {} },
  outports: { Output: { kind: 'string' } },
  config,
  run: ({ inputs, config: settings }) => ({
    Output: mustache.render(settings.template, inputs.Input, {}, { escape: escapes[settings.escape] }),
  }),
})

function textIn(value: unknown): string {
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value)
}
