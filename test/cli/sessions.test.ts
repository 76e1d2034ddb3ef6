import { describe, expect, it } from 'vitest'
import { Sessions } from '../../src/cli/sessions.ts'

describe('Sessions', () => {
  it('exchanges a token once', () => {
    const sessions = new Sessions()
    const token = sessions.newToken()
    const session = sessions.exchange(token) ?? ''
    expect(sessions.isSession(session)).toBe(true)
    expect(sessions.exchange(token)).toBeUndefined()
  })

  it('takes neither a token for a session nor anything else', () => {
    const sessions = new Sessions()
    const token = sessions.newToken()
    expect(sessions.isSession(token)).toBe(false)
    expect(sessions.isSession('')).toBe(false)
    expect(sessions.exchange('')).toBeUndefined()
    expect(sessions.exchange(`${token}x`)).toBeUndefined()
    expect(sessions.exchange(token)).toBeDefined()
  })

  it('keeps the newest ten tokens', () => {
    const sessions = new Sessions()
    const tokens = Array.from({ length: 11 }, () => sessions.newToken())
    expect(new Set(tokens).size).toBe(11)
    expect(tokens.map((token) => sessions.exchange(token) !== undefined)).toEqual([
      false,
      ...Array<boolean>(10).fill(true),
    ])
  })
})
