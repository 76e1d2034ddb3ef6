import { readFileSync } from 'node:fs'
import { Option } from 'commander'
import { MillraceError } from '../shared/index.ts'
import type { Environment } from '../graph/index.ts'

/** The option of every command that joins a peer. A token is never an argument: others on the machine can read those. */
export function tokenFileOption(): Option {
  return new Option('--token-file <file>', 'read the peer’s token from a file (or set MILLRACE_TOKEN)')
}

/** The token for a peer, if one was given. Throws `FILE_NOT_FOUND`, or `TOKEN_MISSING` for an empty file. */
export function readToken(file: string | undefined, env: Environment): string | undefined {
  if (file === undefined) return env['MILLRACE_TOKEN'] || undefined
  const token = readTokenFile(file).trim()
  if (token !== '') return token
  throw new MillraceError('TOKEN_MISSING', `the file ${file} is empty; it should hold the token alone`)
}

function readTokenFile(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    throw new MillraceError('FILE_NOT_FOUND', `cannot read the token from ${file}; give a readable file`, { cause })
  }
}
