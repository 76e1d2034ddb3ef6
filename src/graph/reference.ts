import { MillraceError } from '../shared/index.ts'

/** How a file may name a token: by environment variable, with or without a fallback, or by its key in the safe store. */
export type Reference = { type: 'env'; name: string; fallback?: string } | { type: 'safe'; key: string }

/** The environment, as `process.env` has it. */
export type Environment = Readonly<Record<string, string | undefined>>

/** Reads `${env:NAME}`, `${env:NAME:fallback}` or `${safe:key}`; anything else, a bare token above all, is `undefined`. */
export function parseReference(text: string): Reference | undefined {
  const env = /^\$\{env:([A-Za-z_][A-Za-z0-9_]*)(?::([^}]*))?\}$/.exec(text)
  if (env?.[1] !== undefined) return { type: 'env', name: env[1], ...(env[2] !== undefined && { fallback: env[2] }) }
  const safe = /^\$\{safe:([^}\s]+)\}$/.exec(text)
  return safe?.[1] === undefined ? undefined : { type: 'safe', key: safe[1] }
}

/**
 * Finds the token that a reference stands for. A variable that is set to nothing counts as not set.
 * @throws MillraceError `TOKEN_MISSING`, `TOKEN_BARE`, and `TOKEN_IN_SAFE_STORE` (the caller who can read the store asks it first).
 */
export function resolveReference(text: string, env: Environment): { value: string; source: 'variable' | 'fallback' } {
  const reference = parseReference(text)
  if (!reference) throw new MillraceError('TOKEN_BARE', bareToken)
  if (reference.type === 'safe') {
    const variable = variableFor(reference.key)
    throw new MillraceError(
      'TOKEN_IN_SAFE_STORE',
      `the token "${reference.key}" lies in the safe store of the desktop; write \${env:${variable}} in the file and set ${variable}`,
    )
  }
  const set = env[reference.name]
  if (set) return { value: set, source: 'variable' }
  if (reference.fallback) return { value: reference.fallback, source: 'fallback' }
  throw new MillraceError(
    'TOKEN_MISSING',
    `the environment variable ${reference.name} is not set; it should hold a token`,
  )
}

/** What is said about a token in the clear; the token itself is never repeated. */
export const bareToken =
  'a token must not stand in a file; write ${env:NAME}, or ${env:NAME:fallback} for an example, and set the variable'

function variableFor(key: string): string {
  return `${key.toUpperCase().replaceAll(/[^A-Z0-9]+/g, '_')}_TOKEN`.replace(/(_TOKEN)+$/, '_TOKEN').replace(/^_+/, '')
}
