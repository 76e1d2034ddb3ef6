import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { prettyJson } from '../../src/renderer/view/pretty-json.ts'

describe('a message on several lines', () => {
  it('reads as JSON with two spaces', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(prettyJson(text)).toBe(JSON.stringify(JSON.parse(text), undefined, 2))
      }),
    )
  })

  it('loses no character of a text that was cut off', () => {
    const text = '{"type":"object","data":{"id":"a \\"b\\" c","features":[1,2,"cut of'
    expect(prettyJson(text)).toBe(
      [
        '{',
        '  "type": "object",',
        '  "data": {',
        '    "id": "a \\"b\\" c",',
        '    "features": [',
        '      1,',
        '      2,',
        '      "cut of',
      ].join('\n'),
    )
    const bare = (value: string) => value.replaceAll(/\s/gu, '')
    fc.assert(
      fc.property(fc.json(), fc.nat(), (whole, length) => {
        const cut = whole.slice(0, length % (whole.length + 1))
        expect(bare(prettyJson(cut))).toBe(bare(cut))
      }),
    )
  })
})
