import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'

const maxTokens = 10
const maxSessions = 100

/** Who may use the served window: a token is exchanged once for a session. Both are kept as hashes, in memory alone. */
export class Sessions {
  #tokens: Buffer[] = []
  #sessions: Buffer[] = []

  /** Makes a token that opens one session. Only the newest ten count. */
  newToken(): string {
    const token = secret()
    this.#tokens = [...this.#tokens, hash(token)].slice(-maxTokens)
    return token
  }

  /** Spends a token and answers the secret of a new session, or `undefined` when the token is not known or spent. */
  exchange(token: string): string | undefined {
    const given = hash(token)
    const index = this.#tokens.findIndex((known) => timingSafeEqual(known, given))
    if (index === -1) return undefined
    this.#tokens.splice(index, 1)
    const session = secret()
    this.#sessions = [...this.#sessions, hash(session)].slice(-maxSessions)
    return session
  }

  /** Whether this is the secret of a session. */
  isSession(session: string): boolean {
    const given = hash(session)
    return this.#sessions.some((known) => timingSafeEqual(known, given))
  }
}

function secret(): string {
  return randomBytes(32).toString('base64url')
}

function hash(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
