import { checkConfig } from '../../graph/index.ts'

/** One field of a form that is made from a JSON Schema. */
export interface FormField {
  key: string
  /** How it is asked for: `lines` is a list of texts, one a line; `json` is anything that no simpler field can hold. */
  kind: 'text' | 'long' | 'number' | 'flag' | 'choice' | 'lines' | 'json'
  choices: readonly string[]
  description: string
  /** What the actor takes when nothing is given. */
  fallback: unknown
  isRequired: boolean
  /** What stands behind a number. */
  unit: string | undefined
  schema: Readonly<Record<string, unknown>>
}

/** What was written in a field: a value, nothing (the default stands), or why it is neither. */
export type FieldReading = { type: 'value'; value: unknown } | { type: 'nothing' } | { type: 'fault'; text: string }

/** The fields of an object's JSON Schema, in its order. */
export function fieldsOf(schema: Readonly<Record<string, unknown>>): FormField[] {
  const properties = record(schema['properties'])
  const required = Array.isArray(schema['required']) ? schema['required'] : []
  return Object.entries(properties).map(([key, given]): FormField => {
    const field = record(given)
    const choices = Array.isArray(field['enum']) ? field['enum'].filter((choice) => typeof choice === 'string') : []
    return {
      key,
      kind: kindOf(field, choices.length),
      choices,
      description: typeof field['description'] === 'string' ? field['description'] : '',
      fallback: field['default'],
      isRequired: required.includes(key),
      unit: /Ms$|_ms$/u.test(key) ? 'ms' : /[Bb]ytes$/u.test(key) ? 'bytes' : undefined,
      schema: field,
    }
  })
}

/** What a value looks like in its field. */
export function fieldText({ kind }: Pick<FormField, 'kind'>, value: unknown): string {
  if (value === undefined) return ''
  if (kind === 'lines' && isTexts(value)) return value.join('\n')
  if (typeof value === 'string' && kind !== 'json') return value
  return JSON.stringify(value, undefined, kind === 'json' ? 2 : undefined) ?? ''
}

/** Reads what was written in a field, and checks it by the field's schema. */
export function readField(field: FormField, text: string): FieldReading {
  const { kind, key, schema } = field
  // Blanks are a text, but no number and no JSON.
  const isEmpty = kind === 'text' || kind === 'long' ? text === '' : text.trim() === ''
  if (isEmpty) return field.isRequired ? { type: 'fault', text: 'is needed' } : { type: 'nothing' }
  const parsed = parse(kind, text)
  if (parsed.type !== 'value') return parsed
  const [problem] = checkConfig({ [key]: parsed.value }, { properties: { [key]: schema } })
  if (!problem) return parsed
  const inside = problem.path.slice(1).join('.')
  return { type: 'fault', text: inside === '' ? problem.message : `${inside}: ${problem.message}` }
}

function parse(kind: FormField['kind'], text: string): FieldReading {
  switch (kind) {
    case 'number': {
      const value = Number(text)
      return Number.isFinite(value) ? { type: 'value', value } : { type: 'fault', text: 'expected a number' }
    }
    case 'flag':
      return { type: 'value', value: text === 'true' }
    case 'lines':
      return { type: 'value', value: text.split('\n').filter((line) => line.trim() !== '') }
    case 'json':
      return readJson(text)
    default:
      return { type: 'value', value: text }
  }
}

/** Reads JSON, or says in one line why it is none. */
export function readJson(text: string): FieldReading {
  try {
    return { type: 'value', value: JSON.parse(text) }
  } catch (error) {
    return { type: 'fault', text: `not JSON: ${error instanceof Error ? error.message : String(error)}` }
  }
}

function kindOf(field: Readonly<Record<string, unknown>>, choices: number): FormField['kind'] {
  if (choices > 0) return 'choice'
  switch (field['type']) {
    case 'boolean':
      return 'flag'
    case 'integer':
    case 'number':
      return 'number'
    case 'string':
      return isLong(field) ? 'long' : 'text'
    case 'array':
      return record(field['items'])['type'] === 'string' ? 'lines' : 'json'
    default:
      return 'json'
  }
}

function isLong({ format, description, default: fallback }: Readonly<Record<string, unknown>>): boolean {
  // A field of one line would swallow a line break.
  return format === 'jsonata' || /template/iu.test(String(description ?? '')) || String(fallback ?? '').includes('\n')
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string')
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {}
}
