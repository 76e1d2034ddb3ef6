import type { ActorDefinition } from '../runtime/index.ts'
import * as definitions from './definitions.ts'

export * from './definitions.ts'
export * from './payloads.ts'

/** The catalogue: every actor that graphs may name without bringing it along. */
export const builtInActors: readonly ActorDefinition[] = Object.values(definitions)
