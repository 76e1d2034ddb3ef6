import { describe, expect, it } from 'vitest'
import { resolveReference } from '../../src/graph/index.ts'

describe('resolveReference', () => {
  it('prefers the variable to the fallback and says which it was', () => {
    expect(resolveReference('${env:TOKEN:plain}', { TOKEN: 'set' })).toEqual({ value: 'set', source: 'variable' })
    expect(resolveReference('${env:TOKEN:plain}', {})).toEqual({ value: 'plain', source: 'fallback' })
    expect(resolveReference('${env:TOKEN:a:b}', {})).toEqual({ value: 'a:b', source: 'fallback' })
  })

  it.each([{}, { TOKEN: '' }])('names the variable that is not set (%j)', (env) => {
    for (const text of ['${env:TOKEN}', '${env:TOKEN:}'])
      expect(() => resolveReference(text, env)).toThrow(
        expect.objectContaining({ code: 'TOKEN_MISSING', message: expect.stringContaining('TOKEN') }),
      )
  })

  it('names the variable to set for a token of the safe store', () => {
    expect(() => resolveReference('${safe:data-instance}', {})).toThrow(
      expect.objectContaining({ code: 'TOKEN_IN_SAFE_STORE', message: expect.stringContaining('DATA_INSTANCE_TOKEN') }),
    )
  })

  it.each(['s3cret-9f', '', 'x${env:TOKEN}', '${env:}', '${env:9}', '${ENV:TOKEN}'])(
    'refuses %j as a bare token without repeating it',
    (text) => {
      expect(() => resolveReference(text, { TOKEN: 'set' })).toThrow(
        expect.objectContaining({ code: 'TOKEN_BARE', message: expect.not.stringContaining('s3cret') }),
      )
    },
  )
})
