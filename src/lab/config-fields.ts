type Config = Readonly<Record<string, unknown>>

/**
 * Rewrites the fields of a config whose schema gives them a format: `port` (moved by `--port-base`) or `path` (made absolute).
 * A field that the config leaves out is written when its default, rewritten, is another value.
 */
export function rewriteFields(
  config: Config,
  schema: Config,
  format: 'port' | 'path',
  rewrite: (value: unknown) => unknown,
): Record<string, unknown> {
  const properties = schema['properties']
  if (!isRecord(properties)) return { ...config }
  const rewritten = Object.entries(properties).flatMap(([field, fieldSchema]) => {
    if (!isRecord(fieldSchema)) return []
    const value = config[field] ?? fieldSchema['default']
    if (fieldSchema['format'] === format && value !== undefined) return [[field, rewrite(value)] as const]
    return isRecord(config[field]) ? [[field, rewriteFields(config[field], fieldSchema, format, rewrite)] as const] : []
  })
  return {
    ...config,
    ...Object.fromEntries(
      rewritten.filter(([field, value]) => field in config || !sameAsDefault(properties[field], value)),
    ),
  }
}

/** What a config lets its node do to the world, by the formats of its fields: one phrase each, such as `reads the file /a/b.csv`. */
export function abilitiesOf(config: Config, schema: Config): string[] {
  const properties = schema['properties']
  if (!isRecord(properties)) return []
  return Object.entries(properties).flatMap(([field, fieldSchema]) => {
    if (!isRecord(fieldSchema)) return []
    const value = config[field] ?? fieldSchema['default']
    const ability = value === undefined ? undefined : abilityOf(String(value), fieldSchema)
    if (ability !== undefined) return [ability]
    return isRecord(config[field]) ? abilitiesOf(config[field], fieldSchema) : []
  })
}

function abilityOf(value: string, { format, 'x-access': access = 'read' }: Config): string | undefined {
  switch (format) {
    case 'port':
      return `listens on port ${value}`
    case 'path':
      return `${pathVerbs[String(access)] ?? 'uses the file'} ${value}`
    case 'uri':
      return `connects to ${value}`
    case 'command':
      return `runs the program "${value}", if that is allowed with --allow-exec`
    default:
      return undefined
  }
}

const pathVerbs: Readonly<Record<string, string>> = {
  read: 'reads the file',
  write: 'writes the file',
  watch: 'watches the files of',
}

function sameAsDefault(fieldSchema: unknown, value: unknown): boolean {
  return isRecord(fieldSchema) && fieldSchema['default'] === value
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
