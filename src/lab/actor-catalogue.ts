import { toJsonSchema } from '@valibot/to-json-schema'
import type { GenericSchema } from 'valibot'
import type { ActorDefinition, Ports } from '../runtime/index.ts'
import type { ActorDescription } from '../shared/index.ts'

/** Describes actors for windows and checks: ports, kinds, and the JSON Schema of the config that a graph file may give. */
export function describeActors(actors: readonly ActorDefinition[]): ActorDescription[] {
  return actors.map((actor) => ({
    name: actor.name,
    description: actor.description ?? '',
    inports: describePorts(actor.inports),
    outports: describePorts(actor.outports),
    config: configSchemaOf(actor),
    ...(actor.start !== undefined && { selfStarting: true }),
  }))
}

function describePorts(ports: Ports): ActorDescription['inports'] {
  return Object.fromEntries(
    Object.entries(ports).map(([name, { kind, description }]) => [
      name,
      { kind: kind ?? 'any', ...(description === undefined ? {} : { description }) },
    ]),
  )
}

function configSchemaOf(actor: ActorDefinition): Record<string, unknown> {
  if (actor.config?.['~standard'].vendor !== 'valibot') return {}
  return { ...toJsonSchema(actor.config as unknown as GenericSchema, { typeMode: 'input', errorMode: 'ignore' }) }
}
