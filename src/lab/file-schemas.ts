import { toJsonSchema } from '@valibot/to-json-schema'
import type { GenericSchema } from 'valibot'
import { graphFileSchema, labFileSchema } from '../graph/index.ts'

/** A JSON Schema (draft-07), for editors and other programs. */
export type JsonSchema = Record<string, unknown>

/** The JSON Schemas of the files that Millrace reads, made of what it reads them with; they are kept in `resources/schema`. */
export function fileSchemas(): { graph: JsonSchema; lab: JsonSchema } {
  return {
    graph: describe(
      graphFileSchema,
      'Millrace graph file',
      'A graph of actors, exactly as Reflow’s GraphExport has it.',
    ),
    lab: describe(labFileSchema, 'Millrace lab file', 'Instances, their graphs and peers.'),
  }
}

function describe(schema: GenericSchema, title: string, description: string): JsonSchema {
  const { $schema, properties, ...rest } = toJsonSchema(schema, {
    typeMode: 'output',
    errorMode: 'ignore',
    // A custom check that the library cannot read asks for an object; what it holds is said by the schema behind it.
    overrideSchema: ({ valibotSchema }) =>
      valibotSchema.type === 'custom' && !('pipe' in valibotSchema) ? { type: 'object' } : undefined,
  })
  const named = { $schema: { type: 'string', description: 'Where this schema lies, for editors.' }, ...properties }
  return { $schema, title, description, ...rest, properties: named }
}
