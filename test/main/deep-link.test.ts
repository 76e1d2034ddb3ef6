import { describe, expect, it } from 'vitest'
import { parseDeepLink } from '../../src/main/deep-link.ts'

describe('parseDeepLink', () => {
  it('reads a file to open and a peer to join', () => {
    expect(parseDeepLink('millrace://open?file=%2Fhome%2Fa%20b%2Fx.lab.json')).toEqual({
      type: 'open',
      file: '/home/a b/x.lab.json',
    })
    expect(parseDeepLink('millrace://open?file=C%3A%5Clabs%5Cx.lab.json')).toEqual({
      type: 'open',
      file: String.raw`C:\labs\x.lab.json`,
    })
    expect(parseDeepLink('millrace://join?peer=wss://lab.example:9001')).toEqual({
      type: 'join',
      endpoint: 'wss://lab.example:9001',
    })
  })

  it.each([
    'https://join?peer=127.0.0.1:9001',
    'millrace://run?file=/a.lab.json',
    'millrace://open?file=a.lab.json',
    'millrace://open?file=//server/share/a.lab.json',
    String.raw`millrace://open?file=\\server\share\a.lab.json`,
    'millrace://open?file=/a%0Ab.lab.json',
    'millrace://open?file=/a%E2%80%AEb.lab.json',
    'millrace://open',
    'millrace://join?peer=127.0.0.1',
    'millrace://join?peer=user@host:9001',
    `millrace://open?file=/${'a'.repeat(3_000)}`,
    'not a link',
  ])('makes nothing of %s', (link) => {
    expect(parseDeepLink(link)).toBeUndefined()
  })
})
