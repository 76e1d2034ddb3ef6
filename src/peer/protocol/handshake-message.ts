import { MillraceError, type ErrorCode } from '../../shared/index.ts'
import type { PeerIdentity } from '../engine.ts'
import { broken, isErrorCode, maxNameLength, printable, type Fields } from './fields.ts'
import { decodeMap, encodeMap } from './frame-codec.ts'
import { handshakeMagic } from './frame.ts'

/** A message of the handshake is `u8 0xA0 | u8 type` and a map of at most 4 KiB. */
const types = { hello: 1, challenge: 2, proof: 3, welcome: 4, refusal: 0x7f } as const
export type HandshakeType = keyof typeof types

const maxHandshakeBytes = 4096
/** The version of the protocol spoken here. A dialler offers a range, the acceptor picks. */
export const protocolVersion = 1

/** `REDUNDANT`: the two are linked already, by the connection that the other side dialled. */
export type RefusalCode = ErrorCode | 'REDUNDANT'

/** What a side remembers of its last session with the other: where it stopped receiving, and whether it can go on. */
export interface SessionMemory {
  readonly id: string
  readonly received: number
  readonly resumable: boolean
}

/** Encodes a handshake message. */
export function encodeHandshake(type: HandshakeType, map: Record<string, unknown>): Buffer {
  return Buffer.concat([Buffer.from([handshakeMagic, types[type]]), encodeMap(map)])
}

/** A handshake message as parsed. */
export interface HandshakeMessage {
  readonly type: HandshakeType
  readonly fields: Fields
}

/** @throws MillraceError `PROTOCOL_ERROR`. */
export function parseHandshake(bytes: Uint8Array): HandshakeMessage {
  if (bytes.length > maxHandshakeBytes) throw broken('a handshake message is too long')
  const [type] = Object.entries(types).find(([, code]) => code === bytes[1]) ?? []
  if (bytes[0] !== handshakeMagic || !isHandshakeType(type)) throw broken('this is no handshake of Millrace')
  return { type, fields: decodeMap(bytes.subarray(2), type) }
}

/** Whether a packet is a refusal instead. */
export function isRefusal(bytes: Uint8Array): boolean {
  return bytes[0] === handshakeMagic && bytes[1] === types.refusal
}

/** What a refusal says: a code that is known here, and text that can be printed. */
export function parseRefusal(fields: Fields): { code: RefusalCode; reason: string } {
  const code = fields.text('code')
  return {
    code: code === 'REDUNDANT' || isErrorCode(code) ? code : 'LINK_REFUSED',
    reason: printable(fields.text('reason', 2000)),
  }
}

/** Says no. */
export function encodeRefusal(code: RefusalCode, reason: string): Buffer {
  return encodeHandshake('refusal', { code, reason: printable(reason) })
}

/** Who the other side says it is. @throws MillraceError `PROTOCOL_ERROR`, `VERSION_MISMATCH`. */
export function parseIdentity(fields: Fields): PeerIdentity {
  const identity = {
    networkId: fields.text('network'),
    instanceId: fields.text('instance'),
    epoch: fields.text('epoch'),
  }
  const wrong = findWrongName(identity)
  if (wrong !== undefined) throw broken(wrong)
  return identity
}

/** What is wrong with the names of an instance, if anything: with "/" in them two peers could read the same as `network/instance`. */
export function findWrongName({ networkId, instanceId, epoch }: PeerIdentity): string | undefined {
  const shown = (name: string) => printable(name, maxNameLength)
  for (const name of [networkId, instanceId])
    if (name === '' || name.includes('/') || shown(name) !== name)
      return `"${shown(name)}" is no name of a network or instance: use 1 to ${maxNameLength} characters, without "/" and control characters`
  if (epoch === '' || shown(epoch) !== epoch) return 'an epoch with control characters, empty or too long'
  return undefined
}

/** The session that the other side remembers, if it does. */
export function parseMemory(fields: Fields): SessionMemory | undefined {
  if (!fields.has('last')) return undefined
  const last = fields.map('last')
  return { id: last.text('id'), received: last.count('received'), resumable: last.flag('resumable') }
}

/** The WebSocket close code for a refusal. */
export function closeCodeOf(code: RefusalCode): number {
  return closeCodes[code] ?? 4400
}

const closeCodes: Partial<Record<RefusalCode, number>> = {
  AUTH_FAILED: 4401,
  TOKEN_RETIRED: 4401,
  TIMEOUT: 4408,
  DUPLICATE_ID: 4409,
  SUPERSEDED: 4409,
  REDUNDANT: 4409,
  TOO_BIG: 4413,
  VERSION_MISMATCH: 4426,
  LINK_REFUSED: 4429,
}

/** The error for a peer of another version. */
export function versionMismatch(theirs: string): MillraceError {
  return new MillraceError(
    'VERSION_MISMATCH',
    `the peer speaks version ${printable(theirs)} of the link protocol, this Millrace version ${protocolVersion}: update the older one`,
  )
}

function isHandshakeType(type: string | undefined): type is HandshakeType {
  return type !== undefined && Object.hasOwn(types, type)
}

/** What a handshake decided, as far as the session is concerned. */
export interface Decision {
  readonly epoch: string
  readonly sessionId: string
  readonly resumed: boolean
  /** What the peer remembers of the last session. */
  readonly memory: SessionMemory | undefined
}

/** What the other side gives as its reason. */
export function refusalText(bytes: Uint8Array): string {
  try {
    const { code, reason } = parseRefusal(parseHandshake(bytes).fields)
    return `${reason} [${code}]`
  } catch {
    return 'it gave no reason that can be read'
  }
}
