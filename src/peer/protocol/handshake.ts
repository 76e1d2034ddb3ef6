import { MillraceError } from '../../shared/index.ts'
import type { PeerIdentity } from '../engine.ts'
import { broken } from './fields.ts'
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
import { findProvenToken, makeProof } from './proof.ts'

const nonceBytes = 32

/** What a handshake comes to. */
export interface Agreement {
  readonly peer: PeerIdentity
  readonly sessionId: string
  readonly resumed: boolean
  /** What the other side remembers of the last session. */
  readonly memory: SessionMemory | undefined
  /** Whether both sides have proved that they know the token. */
  readonly authenticated: boolean
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
    const body = encodeMap(last ? { last } : {})
    const transcript = [...this.#transcript, body]
    const mac = this.#token === undefined ? Buffer.alloc(0) : makeProof(this.#token, 'dialler', transcript)
    const proof = encodeHandshake('proof', { body, mac })
    this.#transcript.push(proof)
    return proof
  }

  #conclude(peer: PeerIdentity, { fields }: HandshakeMessage): Agreement {
    const body = fields.bytes('body')
    if (this.#token !== undefined) {
      const proven = findProvenToken([this.#token], 'acceptor', [...this.#transcript, body], fields.bytes('mac'))
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
    }
  }
}

/** What an acceptor knows of a dialler that has proved itself. */
export interface ProvenDialler {
  readonly peer: PeerIdentity
  readonly memory: SessionMemory | undefined
  readonly authenticated: boolean
}

/** The accepting side: challenges, checks the proof, and proves the same token. Pure. */
export class AcceptHandshake {
  readonly #parts: HandshakeParts
  readonly #tokens: readonly string[]
  readonly #transcript: Uint8Array[]
  #peer: PeerIdentity | undefined
  #proven = false
  #token: string | undefined

  constructor(parts: HandshakeParts & { tokens: readonly string[] }) {
    this.#parts = parts
    this.#tokens = parts.tokens
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
    const body = encodeMap(last ? { session, resumed, last } : { session, resumed })
    const mac =
      this.#token === undefined ? Buffer.alloc(0) : makeProof(this.#token, 'acceptor', [...this.#transcript, body])
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
      proof: this.#tokens.length > 0,
    })
    this.#transcript.push(bytes, challenge)
    return challenge
  }

  #check(peer: PeerIdentity, bytes: Uint8Array, { fields }: HandshakeMessage): ProvenDialler {
    const body = fields.bytes('body')
    const authenticated = this.#tokens.length > 0
    if (authenticated) {
      this.#token = findProvenToken(this.#tokens, 'dialler', [...this.#transcript, body], fields.bytes('mac'))
      if (this.#token === undefined)
        throw new MillraceError('AUTH_FAILED', 'the dialling side could not prove that it knows the token')
    }
    this.#proven = true
    this.#transcript.push(bytes)
    return { peer, memory: parseMemory(decodeMap(body, 'PROOF')), authenticated }
  }
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
