import { randomBytes } from 'node:crypto'
import { MillraceError } from '../shared/index.ts'

/** A token, and the name by which it is spoken of: the key id. */
export interface Key {
  readonly id: string
  readonly token: string
}

/** What a proof is checked against. */
export interface Keys {
  readonly accepted: readonly Key[]
  /** Accepted earlier: whoever proves one of them is told that it is out of date. */
  readonly retired: readonly Key[]
}

const maxRetired = 8
/** `mr1_<key id>_<secret>`: the id is chosen, not computed, so it tells nothing about the secret. */
const namedToken = /^mr1_([A-Za-z0-9.-]{1,32})_.{16,}$/

/** The key id that a token names; `undefined` for a token of another form, which proves itself without one. */
export function keyIdOf(token: string): string | undefined {
  return namedToken.exec(token)?.[1]
}

/** Makes a token of 256 random bits with a key id, its own or a random one. Throws `NAME_INVALID`. */
export function makeToken(keyId: string = randomBytes(4).toString('hex')): string {
  const token = `mr1_${keyId}_${randomBytes(32).toString('base64url')}`
  if (keyIdOf(token) === keyId) return token
  throw new MillraceError(
    'NAME_INVALID',
    `"${keyId}" cannot name a token: use 1 to 32 letters, digits, dots and hyphens`,
  )
}

/** The tokens that an instance accepts: of those, new connections are judged by the present ones, and links that are up stay. */
export class KeyRing implements Keys {
  #accepted: readonly Key[] = []
  #retired: readonly Key[] = []
  #numbered = 0

  constructor(tokens: readonly string[]) {
    this.#accepted = this.#named(tokens)
  }

  get accepted(): readonly Key[] {
    return this.#accepted
  }

  get retired(): readonly Key[] {
    return this.#retired
  }

  /** Accepts these from now on, and no others. @throws MillraceError `TOKEN_MISSING` when anybody could link after it. */
  replace(tokens: readonly string[]): void {
    if (tokens.length === 0 && this.#accepted.length > 0)
      throw new MillraceError(
        'TOKEN_MISSING',
        'without a token anybody could link: give the tokens that are to be accepted',
      )
    const gone = [...this.#accepted, ...this.#retired].filter(({ token }) => !tokens.includes(token))
    this.#accepted = this.#named(tokens)
    this.#retired = gone.slice(0, maxRetired)
  }

  /** Tokens without a key id are numbered, and keep their number. */
  #named(tokens: readonly string[]): Key[] {
    return [...new Set(tokens)].map((token) => {
      const known = [...this.#accepted, ...this.#retired].find((key) => key.token === token)
      return known ?? { token, id: keyIdOf(token) ?? `token-${++this.#numbered}` }
    })
  }
}
