import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  AcceptHandshake,
  DialHandshake,
  type Agreement,
  type ProvenDialler,
} from '../../../src/peer/protocol/handshake.ts'
import { KeyRing, makeToken } from '../../../src/peer/key-ring.ts'
import { encodeMap } from '../../../src/peer/protocol/frame-codec.ts'
import { encodeHandshake, encodeRefusal, parseHandshake } from '../../../src/peer/protocol/handshake-message.ts'
import { makeProof } from '../../../src/peer/protocol/proof.ts'

const binding = Buffer.from('plain')
const identityOf = (name: string) => ({ networkId: name, instanceId: `${name}_001`, epoch: `${name}-epoch` })

/** Nonces that differ from call to call and are the same in every run. */
function nonces(seed: number) {
  let next = seed
  return (count: number) => new Uint8Array(count).map(() => (next = (next * 1103515245 + 12345) & 0xff))
}

function makeDialler(token: string | undefined, options: { seed?: number; name?: string; binding?: Buffer } = {}) {
  const { seed = 1, name = 'ml', binding: tie = binding } = options
  const parts = { identity: identityOf(name), randomBytes: nonces(seed), binding: tie, token }
  return new DialHandshake(parts, () => ({ id: 'old', received: 7, resumable: true }))
}

function makeAcceptor(tokens: string[], seed = 99) {
  return new AcceptHandshake({
    identity: identityOf('data'),
    randomBytes: nonces(seed),
    binding,
    keys: new KeyRing(tokens),
  })
}

function sent(step: { send: Buffer } | { agreed: Agreement } | { proven: ProvenDialler }): Buffer {
  if ('send' in step) return step.send
  throw new Error('nothing to send')
}

const decision = { sessionId: 's1', resumed: false, memory: undefined }

/** Runs the whole handshake; `change` may tamper with any message on its way. */
function converse(
  dialler: DialHandshake,
  acceptor: AcceptHandshake,
  change: (bytes: Buffer, index: number) => Buffer = (bytes) => bytes,
): { proven: ProvenDialler; agreed: Agreement } {
  const hello = change(dialler.start(), 0)
  const challenge = change(sent(acceptor.receive(hello)), 1)
  const proof = change(sent(dialler.receive(challenge)), 2)
  const step = acceptor.receive(proof)
  if (!('proven' in step)) throw new Error('not proven')
  const last = dialler.receive(change(acceptor.welcome(decision), 3))
  if (!('agreed' in last)) throw new Error('not agreed')
  return { proven: step.proven, agreed: last.agreed }
}

/** Another identity, or another version, in a message that says something else. */
const replaced = (bytes: Buffer, from: string, to: string) =>
  Buffer.from(bytes.toString('latin1').replaceAll(from, to), 'latin1')

describe('the handshake', () => {
  it('tells each side who the other is, and what it remembers', () => {
    const { proven, agreed } = converse(makeDialler('secret'), makeAcceptor(['secret']))
    expect(proven).toEqual({
      peer: identityOf('ml'),
      memory: { id: 'old', received: 7, resumable: true },
      authenticated: true,
      key: 'token-1',
    })
    expect(agreed).toEqual({
      peer: identityOf('data'),
      sessionId: 's1',
      resumed: false,
      memory: undefined,
      authenticated: true,
      key: 'token-1',
    })
  })

  it('never sends the token', () => {
    const token = 'a-token-that-is-long-enough-to-find'
    converse(makeDialler(token), makeAcceptor(['other', token]), (bytes) => {
      expect(bytes.includes(token)).toBe(false)
      return bytes
    })
  })

  const recording = () => {
    const said: Buffer[] = []
    converse(makeDialler('secret'), makeAcceptor(['secret']), (bytes) => {
      said.push(bytes)
      return bytes
    })
    return said.map((bytes) => Buffer.from(bytes))
  }

  it.each<{ what: string; code: string; attack: () => unknown }>([
    {
      what: 'a wrong token',
      code: 'AUTH_FAILED',
      attack: () => converse(makeDialler('wrong'), makeAcceptor(['secret', 'next'])),
    },
    {
      what: 'a transcript played again',
      code: 'AUTH_FAILED',
      attack: () => {
        const [hello = Buffer.alloc(0), , proof = Buffer.alloc(0)] = recording()
        const acceptor = makeAcceptor(['secret'], 7)
        acceptor.receive(hello)
        return acceptor.receive(proof)
      },
    },
    {
      what: "the dialler's own proof sent back as the acceptor's",
      code: 'AUTH_FAILED',
      attack: () => {
        const dialler = makeDialler('secret')
        const proof = sent(dialler.receive(sent(makeAcceptor(['guess']).receive(dialler.start()))))
        const { fields } = parseHandshake(proof)
        const body = Buffer.from(encodeMap({ session: 's1', resumed: false }))
        return dialler.receive(encodeHandshake('welcome', { body, mac: fields.bytes('mac') }))
      },
    },
    {
      what: 'a dialler that is called otherwise than it proves',
      code: 'AUTH_FAILED',
      attack: () =>
        converse(makeDialler('secret'), makeAcceptor(['secret']), (bytes, index) =>
          index === 0 ? replaced(bytes, 'ml', 'mx') : bytes,
        ),
    },
    {
      what: 'an acceptor that is called otherwise than it proves',
      code: 'AUTH_FAILED',
      attack: () =>
        converse(makeDialler('secret'), makeAcceptor(['secret']), (bytes, index) =>
          index === 1 ? replaced(bytes, 'data', 'date') : bytes,
        ),
    },
    {
      what: 'an older version than both speak',
      code: 'VERSION_MISMATCH',
      attack: () => {
        const nonce = new Uint8Array(32)
        const hello = { versions: [0, 0], network: 'ml', instance: '1', epoch: 'e', nonce }
        return makeAcceptor(['secret']).receive(encodeHandshake('hello', hello))
      },
    },
    {
      what: 'a challenge that asks for no proof where a token was given',
      code: 'AUTH_FAILED',
      attack: () => converse(makeDialler('secret'), makeAcceptor([])),
    },
  ])('refuses $what', ({ code, attack }) => {
    expect(attack).toThrow(expect.objectContaining({ code }) as Error)
  })

  it('refuses when either side has a token and the other has none', () => {
    expect(() => converse(makeDialler(undefined), makeAcceptor(['secret']))).toThrow('none was given')
    expect(() => converse(makeDialler('secret'), makeAcceptor([]))).toThrow('cannot prove who it is')
  })

  it('refuses an acceptor that does not know the token', () => {
    const dialler = makeDialler('secret')
    const impostor = makeAcceptor(['guess'])
    dialler.receive(sent(impostor.receive(dialler.start())))
    expect(() => dialler.receive(impostor.welcome(decision))).toThrow('the peer could not prove')
  })

  it("refuses the acceptor's own proof sent back to it", () => {
    const victim = makeAcceptor(['secret'])
    const other = makeAcceptor(['secret'])
    const hello = makeDialler('secret').start()
    victim.receive(hello)
    other.receive(hello)
    const reflected = other.welcome(decision)
    reflected[1] = 3
    expect(() => victim.receive(reflected)).toThrow()
  })

  it('refuses a proof made for another connection', () => {
    const dialler = makeDialler('secret', { binding: Buffer.from('another TLS session') })
    expect(() => converse(dialler, makeAcceptor(['secret']))).toThrow('could not prove')
  })

  it('refuses a conversation of which any bit was changed on its way', () => {
    fc.assert(
      fc.property(fc.nat(3), fc.nat(), fc.integer({ min: 1, max: 255 }), (target, position, flip) => {
        const change = (bytes: Buffer, index: number) => {
          if (index !== target) return bytes
          const changed = Buffer.from(bytes)
          changed[position % bytes.length] = (changed[position % bytes.length] ?? 0) ^ flip
          return changed
        }
        expect(() => converse(makeDialler('secret'), makeAcceptor(['secret']), change)).toThrow()
      }),
      { numRuns: 500 },
    )
  })

  it('refuses anything that is no handshake, and everything out of turn', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(() => makeAcceptor(['secret']).receive(bytes)).toThrow(
          /PROTOCOL|no handshake|cannot be decoded|no map|no proper/,
        )
        expect(() => makeDialler('secret').receive(bytes)).toThrow()
      }),
    )
    const hello = makeDialler('secret').start()
    const acceptor = makeAcceptor(['secret'])
    acceptor.receive(hello)
    expect(() => acceptor.receive(hello)).toThrow('at the wrong time')
    expect(() => makeDialler('secret').receive(makeAcceptor([]).welcome(decision))).toThrow('at the wrong time')
  })

  it('refuses a message longer than 4 KiB', () => {
    const long = encodeHandshake('hello', { network: 'x'.repeat(5000) })
    expect(() => makeAcceptor([]).receive(long)).toThrow('too long')
  })

  it('refuses another version of the protocol, naming both', () => {
    const hello = encodeHandshake('hello', {
      versions: [2, 3],
      network: 'ml',
      instance: 'ml_001',
      epoch: 'e',
      nonce: new Uint8Array(32),
    })
    expect(() => makeAcceptor([]).receive(hello)).toThrow(
      'version 2 to 3 of the link protocol, this Millrace version 1',
    )
  })

  it.each(['', 'two\nlines', 'x'.repeat(201), 'right\u202eleft'])('refuses the name %j', (network) => {
    const hello = encodeHandshake('hello', {
      versions: [1, 1],
      network,
      instance: 'ml_001',
      epoch: 'e',
      nonce: new Uint8Array(32),
    })
    expect(() => makeAcceptor([]).receive(hello)).toThrow(expect.objectContaining({ code: 'PROTOCOL_ERROR' }))
  })

  it.each([
    ['network', 'plant/north', '1'],
    ['instance', 'plant', 'north/1'],
  ])('refuses a "/" in the name of the %s, which would make two peers read the same', (_what, network, instance) => {
    const nonce = new Uint8Array(32)
    const hello = encodeHandshake('hello', { versions: [1, 1], network, instance, epoch: 'e', nonce })
    expect(() => makeAcceptor([]).receive(hello)).toThrow(
      expect.objectContaining({ code: 'PROTOCOL_ERROR', message: expect.stringContaining('without "/"') }),
    )
    const dialler = makeDialler(undefined)
    dialler.start()
    const challenge = encodeHandshake('challenge', { version: 1, network, instance, epoch: 'e', nonce, proof: false })
    expect(() => dialler.receive(challenge)).toThrow('without "/"')
  })

  it('hears a refusal with a code that is known here and text that can be printed', () => {
    const dialler = makeDialler('secret')
    dialler.start()
    const refusal = encodeRefusal('DUPLICATE_ID', 'taken\u001b[31m')
    expect(() => dialler.receive(refusal)).toThrow(
      expect.objectContaining({ code: 'DUPLICATE_ID', message: 'taken\\u001b[31m' }),
    )
    const strange = encodeHandshake('refusal', { code: '__proto__', reason: 'because' })
    expect(() => dialler.receive(strange)).toThrow(expect.objectContaining({ code: 'LINK_REFUSED' }))
  })
})

describe('a key id', () => {
  const old = makeToken('2026-q3')
  const current = makeToken('2026-q4')
  const acceptorOf = (ring: KeyRing, seed = 99) =>
    new AcceptHandshake({ identity: identityOf('data'), randomBytes: nonces(seed), binding, keys: ring })

  it('is told by both sides once the token is proved, and the token never', () => {
    const { proven, agreed } = converse(
      makeDialler(current),
      acceptorOf(new KeyRing(['plain', old, current])),
      (bytes) => {
        // The secret may hold the very sign that stands before it.
        expect(bytes.includes(current.slice('mr1_2026-q4_'.length))).toBe(false)
        return bytes
      },
    )
    expect([proven.key, agreed.key]).toEqual(['2026-q4', '2026-q4'])
  })

  it('is a number where the token names none, and stays with it', () => {
    const ring = new KeyRing(['first', 'second'])
    expect(converse(makeDialler('second'), acceptorOf(ring)).agreed.key).toBe('token-2')
    ring.replace(['third', 'second'])
    expect(converse(makeDialler('second'), acceptorOf(ring)).agreed.key).toBe('token-2')
    expect(converse(makeDialler('third'), acceptorOf(ring)).agreed.key).toBe('token-3')
  })

  it('is not said of a token that has none', () => {
    const dialler = makeDialler('plain')
    const proof = sent(dialler.receive(sent(makeAcceptor(['plain']).receive(dialler.start()))))
    expect(proof.includes('key')).toBe(false)
  })

  it.each<{ what: string; code: string; attack: () => unknown }>([
    {
      what: 'one that is not accepted',
      code: 'TOKEN_UNKNOWN',
      attack: () => converse(makeDialler(makeToken('guess')), acceptorOf(new KeyRing([current]))),
    },
    {
      what: 'one that is accepted, with another token',
      code: 'AUTH_FAILED',
      attack: () => converse(makeDialler(makeToken('2026-q4')), acceptorOf(new KeyRing([current]))),
    },
    {
      what: 'one whose token has been retired and is proved',
      code: 'TOKEN_RETIRED',
      attack: () => {
        const ring = new KeyRing([old])
        ring.replace([current])
        return converse(makeDialler(old), acceptorOf(ring))
      },
    },
    {
      what: 'one that was swapped on its way for another that is accepted',
      code: 'AUTH_FAILED',
      attack: () =>
        converse(makeDialler(current), acceptorOf(new KeyRing([old, current])), (bytes, index) =>
          index === 2 ? replaced(bytes, '2026-q4', '2026-q3') : bytes,
        ),
    },
    {
      what: 'one that was taken out on its way',
      code: 'AUTH_FAILED',
      attack: () =>
        converse(makeDialler(current), acceptorOf(new KeyRing([current])), (bytes, index) => {
          if (index !== 2) return bytes
          const { fields } = parseHandshake(bytes)
          return encodeHandshake('proof', { body: Buffer.from(encodeMap({})), mac: fields.bytes('mac') })
        }),
    },
    {
      what: 'one that the acceptor is made to name wrongly',
      code: 'AUTH_FAILED',
      attack: () =>
        converse(makeDialler(current), acceptorOf(new KeyRing([current])), (bytes, index) =>
          index === 3 ? replaced(bytes, '2026-q4', '2026-q3') : bytes,
        ),
    },
    {
      what: 'a proof of one token under the id of another',
      code: 'AUTH_FAILED',
      attack: () => {
        const dialler = makeDialler(current)
        const acceptor = acceptorOf(new KeyRing([old, current]))
        const hello = dialler.start()
        const challenge = sent(acceptor.receive(hello))
        const body = Buffer.from(encodeMap({ key: '2026-q3' }))
        const mac = makeProof(current, 'dialler', [binding, hello, challenge, body])
        return acceptor.receive(encodeHandshake('proof', { body, mac }))
      },
    },
  ])('is refused: $what', ({ code, attack }) => {
    expect(attack).toThrow(expect.objectContaining({ code }) as Error)
  })

  it('of an older version is none, on either side', () => {
    const dialler = makeDialler(current)
    const acceptor = acceptorOf(new KeyRing([current]))
    const hello = dialler.start()
    const challenge = sent(acceptor.receive(hello))
    // What a dialler of the first version says, and what an acceptor of that version answers.
    const body = Buffer.from(encodeMap({}))
    const mac = makeProof(current, 'dialler', [binding, hello, challenge, body])
    expect(acceptor.receive(encodeHandshake('proof', { body, mac }))).toMatchObject({ proven: { authenticated: true } })
    const proof = sent(dialler.receive(challenge))
    const welcome = Buffer.from(encodeMap({ session: 's1', resumed: false }))
    const answer = makeProof(current, 'acceptor', [binding, hello, challenge, proof, welcome])
    expect(dialler.receive(encodeHandshake('welcome', { body: welcome, mac: answer }))).toMatchObject({
      agreed: { authenticated: true, key: undefined },
    })
  })

  it('can be given to a token, within bounds', () => {
    expect(makeToken('a.B-3')).toMatch(/^mr1_a\.B-3_[\w-]{43}$/)
    expect(makeToken()).not.toBe(makeToken())
    for (const name of ['', 'two words', 'under_score', 'x'.repeat(33)])
      expect(() => makeToken(name)).toThrow(expect.objectContaining({ code: 'NAME_INVALID' }) as Error)
  })

  it('cannot be done without where there was one', () => {
    expect(() => new KeyRing(['a']).replace([])).toThrow(expect.objectContaining({ code: 'TOKEN_MISSING' }) as Error)
  })
})
