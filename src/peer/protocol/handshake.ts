import { MillraceError } from '../../shared/index.ts'
import type { PeerIdentity } from '../engine.ts'
import { broken, printable, type Fields } from './fields.ts'
import { decodeMap, encodeMap } from './frame-codec.ts'
import {
  encodeHandshake,
  parseHandshake,
  parseIdentity,
  parseMemory,
  parseRefusal,
  protocolVersion,
  versionMismatch,
  type HandshakeMessage,
  type RefusalCode,
  type SessionMemory,
} from './handshake-message.ts'
import { keyIdOf, type Key, type Keys } from '../key-ring.ts'
import { findProvenKey, makeProof } from './proof.ts'

const nonceBytes = 32
const maxKeyIdLength = 64

/** What a handshake comes to. */
export interface Agreement {
  readonly peer: PeerIdentity
  readonly sessionId: string
  readonly resumed: boolean
  /** What the other side remembers of the last session. */
  readonly memory: SessionMemory | undefined
  /** Whether both sides have proved that they know the token. */
  readonly authenticated: boolean
  /** The key id by which the acceptor knows the token; absent where there is none, or the acceptor is of an older version. */
  readonly key: string | undefined
}

/** What both sides of a handshake need. */
export interface HandshakeParts {
  readonly identity: PeerIdentity
  readonly randomBytes: (count: number) => Uint8Array
  /** What ties the proof to this very connection: a TLS exporter, or that there is none. */
  readonly binding: Uint8Array
}

/** The other side says no; thrown by `receive`. */
export class RefusedByPeer extends Error {
  readonly code: RefusalCode

  constructor(refusal: { code: RefusalCode; reason: string }) {
    super(refusal.reason)
    this.code = refusal.code
  }
}

/** The dialling side: says hello, answers the challenge, and checks that the acceptor knows the token too. Pure. */
export class DialHandshake {
  readonly #parts: HandshakeParts
  readonly #token: string | undefined
  /** Called when the acceptor has said who it is, before anything is proved; may throw to give up. */
  readonly #meet: (peer: PeerIdentity) => SessionMemory | undefined
  readonly #transcript: Uint8Array[]
  #peer: PeerIdentity | undefined
  #authenticated = false

  constructor(
    parts: HandshakeParts & { token: string | undefined },
    meet: (peer: PeerIdentity) => SessionMemory | undefined,
  ) {
    this.#parts = parts
    this.#token = parts.token
    this.#meet = meet
    this.#transcript = [parts.binding]
  }

  /** The first message. */
  start(): Buffer {
    const hello = encodeHandshake('hello', {
      versions: [protocolVersion, protocolVersion],
      ...wireIdentity(this.#parts.identity),
      nonce: this.#parts.randomBytes(nonceBytes),
    })
    this.#transcript.push(hello)
    return hello
  }

  /** Takes a message; answers what to send, or what was agreed. @throws MillraceError, RefusedByPeer. */
  receive(bytes: Uint8Array): { send: Buffer } | { agreed: Agreement } {
    const message = parseHandshake(bytes)
    switch (message.type) {
      case 'refusal':
        throw new RefusedByPeer(parseRefusal(message.fields))
      case 'challenge':
        if (this.#peer) break
        return { send: this.#answer(bytes, message) }
      case 'welcome':
        if (!this.#peer) break
        return { agreed: this.#conclude(this.#peer, message) }
      default:
        break
    }
    throw broken(`${message.type} came at the wrong time`)
  }

  #answer(bytes: Uint8Array, { fields }: HandshakeMessage): Buffer {
    const version = fields.count('version')
    if (version !== protocolVersion) throw versionMismatch(String(version))
    fields.bytes('nonce', nonceBytes)
    this.#peer = parseIdentity(fields)
    this.#authenticated = fields.flag('proof')
    checkTokens(this.#token, this.#authenticated)
    this.#transcript.push(bytes)
    const last = this.#meet(this.#peer)
    const key = this.#token === undefined ? undefined : keyIdOf(this.#token)
    const body = encodeMap({ ...(last && { last }), ...(key !== undefined && { key }) })
    const transcript = [...this.#transcript, body]
    const mac = this.#token === undefined ? Buffer.alloc(0) : makeProof(this.#token, 'dialler', transcript)
    const proof = encodeHandshake('proof', { body, mac })
    this.#transcript.push(proof)
    return proof
  }

  #conclude(peer: PeerIdentity, { fields }: HandshakeMessage): Agreement {
    const body = fields.bytes('body')
    if (this.#token !== undefined) {
      const proven = findProvenKey(
        [{ token: this.#token }],
        'acceptor',
        [...this.#transcript, body],
        fields.bytes('mac'),
      )
      if (proven === undefined)
        throw new MillraceError('AUTH_FAILED', 'the peer could not prove that it knows the token')
    }
    const welcome = decodeMap(body, 'WELCOME')
    return {
      peer,
      sessionId: welcome.text('session'),
      resumed: welcome.flag('resumed'),
      memory: parseMemory(welcome),
      authenticated: this.#authenticated,
      key: this.#authenticated ? parseKeyId(welcome) : undefined,
    }
  }
}

/** What an acceptor knows of a dialler that has proved itself. */
export interface ProvenDialler {
  readonly peer: PeerIdentity
  readonly memory: SessionMemory | undefined
  readonly authenticated: boolean
  /** The id of the key that it proved. */
  readonly key: string | undefined
}

/** The accepting side: challenges, checks the proof, and proves the same token. Pure. */
export class AcceptHandshake {
  readonly #parts: HandshakeParts
  /** Looked at when a proof comes: a connection is judged by the keys of that moment. */
  readonly #keys: Keys
  readonly #transcript: Uint8Array[]
  #peer: PeerIdentity | undefined
  #proven = false
  #key: Key | undefined

  constructor(parts: HandshakeParts & { keys: Keys }) {
    this.#parts = parts
    this.#keys = parts.keys
    this.#transcript = [parts.binding]
  }

  /** Who dials, as far as it has said so; not proved before `receive` answers it as proven. */
  get peer(): PeerIdentity | undefined {
    return this.#peer
  }

  /** Takes a message; answers what to send, or who has proved itself: then `welcome` it or refuse. @throws MillraceError, RefusedByPeer. */
  receive(bytes: Uint8Array): { send: Buffer } | { proven: ProvenDialler } {
    const message = parseHandshake(bytes)
    if (message.type === 'refusal') throw new RefusedByPeer(parseRefusal(message.fields))
    if (message.type === 'hello' && !this.#peer) return { send: this.#challenge(bytes, message) }
    if (message.type === 'proof' && this.#peer && !this.#proven)
      return { proven: this.#check(this.#peer, bytes, message) }
    throw broken(`${message.type} came at the wrong time`)
  }

  /** The last message: what was decided, and the acceptor's own proof. */
  welcome(decision: { sessionId: string; resumed: boolean; memory: SessionMemory | undefined }): Buffer {
    const { sessionId: session, resumed, memory: last } = decision
    const key = this.#key?.id
    const body = encodeMap({ session, resumed, ...(last && { last }), ...(key !== undefined && { key }) })
    const mac =
      this.#key === undefined ? Buffer.alloc(0) : makeProof(this.#key.token, 'acceptor', [...this.#transcript, body])
    return encodeHandshake('welcome', { body, mac })
  }

  #challenge(bytes: Uint8Array, { fields }: HandshakeMessage): Buffer {
    const [least, most] = fields.list('versions')
    if (typeof least !== 'number' || typeof most !== 'number') throw broken('hello has no proper "versions"')
    this.#peer = parseIdentity(fields)
    if (least > protocolVersion || most < protocolVersion) throw versionMismatch(`${least} to ${most}`)
    fields.bytes('nonce', nonceBytes)
    const challenge = encodeHandshake('challenge', {
      version: protocolVersion,
      ...wireIdentity(this.#parts.identity),
      nonce: this.#parts.randomBytes(nonceBytes),
      proof: this.#keys.accepted.length > 0,
    })
    this.#transcript.push(bytes, challenge)
    return challenge
  }

  #check(peer: PeerIdentity, bytes: Uint8Array, { fields }: HandshakeMessage): ProvenDialler {
    const body = fields.bytes('body')
    const authenticated = this.#keys.accepted.length > 0
    const said = decodeMap(body, 'PROOF')
    if (authenticated) this.#key = this.#provenKey([...this.#transcript, body], fields.bytes('mac'), parseKeyId(said))
    this.#proven = true
    this.#transcript.push(bytes)
    return { peer, memory: parseMemory(said), authenticated, key: this.#key?.id }
  }

  /**
   * Every key is tried, whatever id was said, so that neither the time taken nor the answer tells which ids there are. That a token is
   * retired is told, since only who knows it can prove it.
   */
  #provenKey(transcript: readonly Uint8Array[], mac: Uint8Array, said: string | undefined): Key {
    const { accepted, retired } = this.#keys
    const key = findProvenKey([...accepted, ...retired], 'dialler', transcript, mac)
    if (key && retired.includes(key))
      throw new MillraceError('TOKEN_RETIRED', `the token of key "${key.id}" is no longer accepted: take the newer one`)
    if (key && (said === undefined || said === key.id)) return key
    if (said !== undefined && !accepted.some(({ id }) => id === said))
      throw new MillraceError('TOKEN_UNKNOWN', `its token is of key "${said}", which is not accepted here`)
    throw new MillraceError('AUTH_FAILED', 'the dialling side could not prove that it knows the token')
  }
}

/** The key id that the other side names. */
function parseKeyId(fields: Fields): string | undefined {
  return fields.has('key') ? printable(fields.text('key'), maxKeyIdLength) : undefined
}

/** A token given is a proof wanted: who asks for none could be anybody. */
function checkTokens(token: string | undefined, proofAsked: boolean): void {
  if (token === undefined && proofAsked)
    throw new MillraceError('AUTH_FAILED', 'the peer asks for a token and none was given: give the token of the peer')
  if (token !== undefined && !proofAsked)
    throw new MillraceError(
      'AUTH_FAILED',
      'a token was given, but the peer has none and cannot prove who it is: set its authToken, or dial it without a token',
    )
}

function wireIdentity(identity: PeerIdentity): Record<string, string> {
  return { network: identity.networkId, instance: identity.instanceId, epoch: identity.epoch }
}
