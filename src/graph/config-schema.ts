import { isRecord } from './graph-parts.ts'
import type { JsonPath } from './json-text.ts'
import { didYouMean } from './suggest.ts'

/** Something in a config that does not fit its schema; an unknown key is only a warning. */
export interface ConfigProblem {
  severity: 'error' | 'warning'
  path: JsonPath
  message: string
}

type JsonSchema = Record<string, unknown>

/** Checks a config against the JSON Schema of its actor: the keywords that say something about plain values. Others are passed over. */
export function checkConfig(config: Record<string, unknown>, schema: JsonSchema): ConfigProblem[] {
  const known = isRecord(schema['properties']) ? Object.keys(schema['properties']) : []
  const open = known.length === 0 || schema['additionalProperties'] !== undefined
  const unknown = open ? [] : Object.keys(config).filter((key) => !known.includes(key))
  return [
    ...problemsOf(config, schema, []),
    ...unknown.map((key): ConfigProblem => {
      return { severity: 'warning', path: [key], message: `the actor has no field "${key}"${didYouMean(key, known)}` }
    }),
  ]
}

/** A TCP port in a config: a field declared with `port()`. */
export interface ConfigPort {
  path: (string | number)[]
  port: number
  /** Whether the file gives it, or the actor's default stands. */
  given: boolean
  /** What the fields that share it say, one text for the same; nodes of one instance may share a port with different ones. */
  share?: string
}

/** Lists the TCP ports of a config, by the `"format": "port"` of its schema. */
export function configPorts(config: Record<string, unknown>, schema: JsonSchema): ConfigPort[] {
  return portsIn(config, schema, [], config)
}

function portsIn(
  value: unknown,
  schema: JsonSchema,
  path: (string | number)[],
  beside: Record<string, unknown>,
): ConfigPort[] {
  if (schema['format'] === 'port') {
    const port = value ?? schema['default']
    const sharing = schema['x-shared-by']
    const share = Array.isArray(sharing)
      ? { share: JSON.stringify(sharing.map((field) => beside[String(field)] ?? null)) }
      : {}
    return typeof port === 'number' ? [{ path, port, given: value !== undefined, ...share }] : []
  }
  const items = schema['items']
  if (Array.isArray(value) && isRecord(items))
    return value.flatMap((item, index) => portsIn(item, items, [...path, index], beside))
  const properties = schema['properties']
  if (!isRecord(properties)) return []
  const fields = isRecord(value) ? value : {}
  return Object.entries(properties).flatMap(([key, field]) =>
    isRecord(field) ? portsIn(fields[key], field, [...path, key], fields) : [],
  )
}

function problemsOf(value: unknown, schema: JsonSchema, path: JsonPath): ConfigProblem[] {
  const error = (message: string): ConfigProblem[] => [{ severity: 'error', path, message }]
  const options = [schema['anyOf'], schema['oneOf']].find((list) => Array.isArray(list))
  if (Array.isArray(options)) {
    const tried = options.filter(isRecord).map((option) => problemsOf(value, option, path))
    if (tried.length > 0 && !tried.some((problems) => problems.length === 0)) {
      // One option that is of the right type says more than "none fits".
      return (
        tried.find((problems) => problems.some((problem) => problem.path.length > path.length)) ??
        error(`expected ${tried.map((problems) => problems[0]?.message.replace(/^expected /, '')).join(', or ')}`)
      )
    }
  }
  const allOf = Array.isArray(schema['allOf']) ? schema['allOf'].filter(isRecord) : []
  const all = allOf.flatMap((part) => problemsOf(value, part, path))
  if ('const' in schema && value !== schema['const']) return error(`expected ${JSON.stringify(schema['const'])}`)
  const choices = schema['enum']
  if (Array.isArray(choices) && !choices.includes(value))
    return error(`expected one of ${choices.map((choice) => JSON.stringify(choice)).join(', ')}, found ${show(value)}`)
  const types = typesOf(schema['type'])
  if (types.length > 0 && !types.some((type) => isOfType(value, type)))
    return error(`expected ${types.map((type) => typeNames[type] ?? type).join(' or ')}, found ${show(value)}`)
  return [...all, ...boundsOf(value, schema).flatMap(error), ...partsOf(value, schema, path)]
}

function partsOf(value: unknown, schema: JsonSchema, path: JsonPath): ConfigProblem[] {
  const items = schema['items']
  if (Array.isArray(value) && isRecord(items))
    return value.flatMap((item, index) => problemsOf(item, items, [...path, index]))
  if (!isRecord(value)) return []
  const properties = isRecord(schema['properties']) ? schema['properties'] : {}
  const rest = schema['additionalProperties']
  const required = Array.isArray(schema['required']) ? schema['required'].filter((key) => typeof key === 'string') : []
  const missing = required
    .filter((key) => !Object.hasOwn(value, key))
    .map((key): ConfigProblem => ({ severity: 'error', path: [...path, key], message: 'is missing' }))
  const present = Object.entries(value).flatMap(([key, part]): ConfigProblem[] => {
    const field = Object.hasOwn(properties, key) ? properties[key] : rest
    if (field === false)
      return [
        {
          severity: 'error',
          path: [...path, key],
          message: `there is no field "${key}"${didYouMean(key, Object.keys(properties))}`,
        },
      ]
    return isRecord(field) ? problemsOf(part, field, [...path, key]) : []
  })
  return [...missing, ...present]
}

function boundsOf(value: unknown, schema: JsonSchema): string[] {
  const bound = (keyword: string): number | undefined => {
    const limit = schema[keyword]
    return typeof limit === 'number' ? limit : undefined
  }
  const rules = (size: number, what: string, keywords: readonly [string, string]): string[] => {
    const [least, most] = [bound(keywords[0]), bound(keywords[1])]
    if (least !== undefined && size < least) return [`expected ${what}at least ${least}, found ${size}`]
    if (most !== undefined && size > most) return [`expected ${what}at most ${most}, found ${size}`]
    return []
  }
  if (typeof value === 'number') {
    const [above, below, step] = [bound('exclusiveMinimum'), bound('exclusiveMaximum'), bound('multipleOf')]
    return [
      ...rules(value, '', ['minimum', 'maximum']),
      ...(above !== undefined && value <= above ? [`expected more than ${above}, found ${value}`] : []),
      ...(below !== undefined && value >= below ? [`expected less than ${below}, found ${value}`] : []),
      ...(step !== undefined && value % step !== 0 ? [`expected a multiple of ${step}, found ${value}`] : []),
    ]
  }
  if (typeof value === 'string') return rules(value.length, 'a text whose length is ', ['minLength', 'maxLength'])
  if (Array.isArray(value)) return rules(value.length, 'a list whose length is ', ['minItems', 'maxItems'])
  return []
}

const typeNames: Record<string, string> = {
  integer: 'a whole number',
  number: 'a number',
  string: 'a text',
  boolean: 'true or false',
  object: 'an object',
  array: 'a list',
}

function typesOf(type: unknown): string[] {
  return (Array.isArray(type) ? type : [type]).filter((name) => typeof name === 'string')
}

function isOfType(value: unknown, type: string): boolean {
  switch (type) {
    case 'integer':
      return Number.isInteger(value)
    case 'object':
      return isRecord(value)
    case 'array':
      return Array.isArray(value)
    case 'null':
      return value === null
    default:
      return typeof value === type
  }
}

function show(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing'
  return text.length > 40 ? `${text.slice(0, 40)}…` : text
}
