import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { previewLine, readableBlock, readableLine, shorten } from '../../src/renderer/view/readable-text.ts'

// oxlint-disable-next-line no-control-regex -- these are what it looks for
const hidden = /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/u

describe('text of others on screen', () => {
  it('names control characters and shows what is invisible', () => {
    expect(readableLine('a\u001b[31mb\nc\u007f')).toBe('a‹ESC›[31mb‹LF›c‹DEL›')
    expect(readableLine('user\u202Etxt.exe')).toBe('user‹U+202E›txt.exe')
    expect(readableLine('pay\u200bload')).toBe('pay‹U+200B›load')
  })

  it('shows of a message what it holds, without the envelope, also when the end was cut off', () => {
    expect(previewLine('{"type":"Object","data":{"a":{"b":1}}}')).toBe('{"a":{"b":1}}')
    expect(previewLine('{"type":"String","data":"{\\"type\\":\\"x\\"}\u202e"}')).toBe('"{\\"type\\":\\"x\\"}‹U+202E›"')
    expect(previewLine('{"type":"Array","data":[1,2,…')).toBe('[1,2,…')
    expect(previewLine('{"type":"Flow"}')).toBe('{"type":"Flow"}')
    expect(previewLine('(cannot be shown: a ring)')).toBe('(cannot be shown: a ring)')
  })

  it('keeps the lines of a block', () => {
    expect(readableBlock('one\r\ntwo\n\u0007')).toBe('one\ntwo\n‹BEL›')
  })

  it('lets no control or invisible character through, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(readableLine(text)).not.toMatch(hidden)
        expect(readableBlock(text).replaceAll('\n', '')).not.toMatch(hidden)
      }),
    )
  })

  it('leaves ordinary text of any script alone', () => {
    expect(readableLine('naïve 12.8 °C 東京 🌧 <b>"&')).toBe('naïve 12.8 °C 東京 🌧 <b>"&')
  })

  it('shortens without cutting a character in two, and says how much is left', () => {
    expect(shorten('abcdef', 4)).toEqual({ text: 'abcd', left: 2 })
    expect(shorten('abc🌧d', 4)).toEqual({ text: 'abc', left: 3 })
    expect(shorten('abcd', 4)).toEqual({ text: 'abcd', left: 0 })
  })
})
