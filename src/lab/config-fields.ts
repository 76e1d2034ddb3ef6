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

/** Lists the values, given or by default, of the fields of a format. */
export function valuesOfFormat(config: Config, schema: Config, format: 'port' | 'path'): unknown[] {
  const found: unknown[] = []
  rewriteFields(config, schema, format, (value) => {
    found.push(value)
    return value
  })
  return found
}

function sameAsDefault(fieldSchema: unknown, value: unknown): boolean {
  return isRecord(fieldSchema) && fieldSchema['default'] === value
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
