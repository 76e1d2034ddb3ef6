import { randomUUID } from 'node:crypto'
import { fromTagged, inferKind, messageTags, MillraceError } from '../../shared/index.ts'
import { MessageOfKind, withoutKind } from '../message-of-kind.ts'
import { printable } from '../protocol/fields.ts'

/**
 * What Reflow's instances say to each other: one JSON object per text frame, without a tag that says what it is
 * (github offbit-ai/reflow a791a8e, `reflow_network/src/bridge.rs`, `router.rs`).
 */
export interface ReflowHandshake {
  readonly network_id: string
  readonly instance_id: string
  readonly protocol_version: string
}
export type ReflowMessage =
  | {
      readonly type: 'message'
      readonly sourceNetwork: string
      readonly targetNetwork: string
      readonly actor: string
      readonly port: string
      readonly value: unknown
      readonly form: PayloadForm
    }
  | { readonly type: 'heartbeat' }
  | { readonly type: 'discover'; readonly request: string }
  | { readonly type: 'actors'; readonly request: string; readonly actors: readonly string[] }
  | { readonly type: 'unknown' }

/** `encoded`: objects as the bytes of their JSON text, as the Rust crate has them; `plain`: as JSON, as its SDK has them. */
export type PayloadForm = 'encoded' | 'plain'

/** The version of the dialect. */
export const reflowVersion = '1.0'
const maxNameLength = 200

/** The first word of the side that dials. Reflow's token would travel in the clear and prove nothing, so none is sent. */
export function writeHandshake({ networkId, instanceId }: { networkId: string; instanceId: string }): string {
  return JSON.stringify({
    network_id: networkId,
    instance_id: instanceId,
    protocol_version: reflowVersion,
    auth_token: null,
    capabilities: ['actor_messaging'],
  })
}

/** The answer to it; with `error` a refusal. */
export function writeHandshakeAnswer(
  { networkId, instanceId }: { networkId: string; instanceId: string },
  error: string | null,
): string {
  return JSON.stringify({ success: error === null, network_id: networkId, instance_id: instanceId, error })
}

/** Reads the first word of the side that dials. @throws MillraceError `PROTOCOL_ERROR`, `VERSION_MISMATCH`. */
export function parseHandshake(text: string): ReflowHandshake {
  const fields = record(parseJson(text))
  const handshake = {
    network_id: name(fields, 'network_id'),
    instance_id: name(fields, 'instance_id'),
    protocol_version: name(fields, 'protocol_version'),
  }
  if (handshake.protocol_version !== reflowVersion)
    throw new MillraceError(
      'VERSION_MISMATCH',
      `the peer speaks version ${handshake.protocol_version} of Reflow's dialect, this Millrace ${reflowVersion}`,
    )
  return handshake
}

/** Reads the answer to a handshake. @throws MillraceError `PROTOCOL_ERROR`, `LINK_REFUSED`. */
export function parseHandshakeAnswer(text: string): { networkId: string; instanceId: string } {
  const fields = record(parseJson(text))
  if (fields['success'] !== true)
    throw new MillraceError('LINK_REFUSED', `the peer says: ${printable(String(fields['error'] ?? 'no'), 500)}`)
  return { networkId: name(fields, 'network_id'), instanceId: name(fields, 'instance_id') }
}

/** Reads a frame by trying, in Reflow's order, what it could be. @throws MillraceError `MESSAGE_INVALID` for a payload that is none. */
export function parseReflow(text: string): ReflowMessage {
  const fields = record(parseJson(text))
  const has = (...names: string[]) => names.every((key) => Object.hasOwn(fields, key))
  if (has('message_id', 'target_network', 'target_actor', 'target_port', 'payload')) return parseRemoteMessage(fields)
  if (has('network_id', 'timestamp')) return { type: 'heartbeat' }
  if (has('request_id', 'requesting_network')) return { type: 'discover', request: name(fields, 'request_id') }
  if (has('request_id', 'actors')) {
    const list = Array.isArray(fields['actors']) ? (fields['actors'] as unknown[]) : []
    const actors = list.slice(0, 1000).map((actor) => name(record(actor), 'actor_id'))
    return { type: 'actors', request: name(fields, 'request_id'), actors }
  }
  return { type: 'unknown' }
}

/** Writes a message to an actor of a peer. @throws MillraceError `MESSAGE_INVALID` for what Reflow cannot hold. */
export function writeRemoteMessage(
  ends: { sourceNetwork: string; targetNetwork: string; actor: string; port: string },
  value: unknown,
  { form, nowMs }: { form: PayloadForm; nowMs: number },
): string {
  const text = (value_: string) => JSON.stringify(value_)
  return `{"message_id":${text(randomUUID())},"source_network":${text(ends.sourceNetwork)},"source_actor":"","target_network":${text(
    ends.targetNetwork,
  )},"target_actor":${text(ends.actor)},"target_port":${text(ends.port)},"payload":${writePayload(value, form)},"timestamp":${text(
    new Date(nowMs).toISOString(),
  )}}`
}

/** A sign of life. */
export function writeHeartbeat(networkId: string, nowMs: number): string {
  return JSON.stringify({ network_id: networkId, timestamp: new Date(nowMs).toISOString() })
}

/** Asks what a peer exports. */
export function writeDiscover(request: string, networkId: string): string {
  return JSON.stringify({ request_id: request, requesting_network: networkId })
}

/** Says what is exported. */
export function writeActors(
  request: string,
  networkId: string,
  nodes: readonly { id: string; component: string }[],
): string {
  const actors = nodes.map(({ id, component }) => ({
    actor_id: id,
    capabilities: ['actor_messaging'],
    description: component,
  }))
  return JSON.stringify({ request_id: request, network_id: networkId, actors })
}

function parseRemoteMessage(fields: Record<string, unknown>): ReflowMessage {
  const payload = record(fields['payload'])
  return {
    type: 'message',
    sourceNetwork: name(fields, 'source_network'),
    targetNetwork: name(fields, 'target_network'),
    actor: name(fields, 'target_actor'),
    port: name(fields, 'target_port'),
    value: fromTagged(normalise(payload)),
    form: isEncoded(payload['data']) ? 'encoded' : 'plain',
  }
}

/** Reflow's SDK calls bytes `Bytes`; a whole number beyond 2^53 stands by itself. */
function normalise(payload: Record<string, unknown>): unknown {
  const { type, data } = payload
  if (type === 'Bytes') return { type: 'Stream', data }
  if (type === 'Integer' && typeof data === 'object' && data !== null && '$kind' in data && 'data' in data)
    return { type, data: data.data }
  return payload
}

function isEncoded(data: unknown): boolean {
  const first: unknown = Array.isArray(data) ? data[0] : data
  return (
    typeof first === 'object' &&
    first !== null &&
    Object.keys(first).length === 1 &&
    'data' in first &&
    Array.isArray(first.data)
  )
}

function writePayload(message: unknown, form: PayloadForm): string {
  const value = withoutKind(message)
  // Of the kinds that were said only this one is: a peer of Reflow panics at an Encoded that it cannot decode.
  const isFloat = message instanceof MessageOfKind && message.kind === 'float'
  const kind = isFloat ? 'float' : inferKind(value)
  const type = JSON.stringify(messageTags[kind])
  switch (kind) {
    case 'flow':
      return `{"type":${type}}`
    case 'float':
      if (!Number.isFinite(value))
        throw new MillraceError('MESSAGE_INVALID', `Reflow has no ${String(value)}: its Float is a finite number`)
      return `{"type":${type},"data":${writeJson(value)}}`
    case 'object':
      return `{"type":${type},"data":${form === 'encoded' ? writeEncoded(value) : writeJson(value)}}`
    case 'array': {
      const items = (value as unknown[]).map((item) => (form === 'encoded' ? writeEncoded(item) : writeJson(item)))
      return `{"type":${type},"data":[${items.join(',')}]}`
    }
    case 'any':
      throw new MillraceError('MESSAGE_INVALID', `a ${typeof value} cannot be a message`)
    default:
      return `{"type":${type},"data":${writeJson(value)}}`
  }
}

function writeEncoded(value: unknown): string {
  return `{"data":[${Array.from(Buffer.from(writeJson(value))).join(',')}]}`
}

/** JSON, with whole numbers of any size; what JSON cannot hold is null, bytes are a list of numbers. */
function writeJson(value: unknown, depth = 0): string {
  if (depth > 200) throw new MillraceError('MESSAGE_INVALID', 'a message is nested deeper than 200 levels')
  if (typeof value === 'bigint') return String(value)
  if (value instanceof Uint8Array) return `[${Array.from(value).join(',')}]`
  if (value instanceof Error) return JSON.stringify(value.message)
  if (Array.isArray(value)) return `[${value.map((item) => writeJson(item, depth + 1)).join(',')}]`
  if (typeof value === 'object' && value !== null && !(value instanceof Date)) {
    const fields = Object.entries(value).map(([key, item]) => `${JSON.stringify(key)}:${writeJson(item, depth + 1)}`)
    return `{${fields.join(',')}}`
  }
  return JSON.stringify(value) ?? 'null'
}

/** Reads JSON without rounding whole numbers beyond 2^53. @throws MillraceError `PROTOCOL_ERROR`. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(keepLargeIntegers(text))
  } catch (cause) {
    throw new MillraceError('PROTOCOL_ERROR', 'a frame of the Reflow dialect is no JSON', { cause })
  }
}

/** Spells large whole numbers out as our tagged JSON does; texts are left alone. */
function keepLargeIntegers(text: string): string {
  return text.replaceAll(/"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/g, (token) => {
    if (token.startsWith('"') || !/^-?\d{16,}$/.test(token) || Number.isSafeInteger(Number(token))) return token
    return `{"$kind":"Integer","data":"${token}"}`
  })
}

function record(value: unknown): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
  throw new MillraceError('PROTOCOL_ERROR', 'a frame of the Reflow dialect is no object')
}

function name(fields: Record<string, unknown>, key: string): string {
  const value = fields[key]
  if (typeof value === 'string' && value !== '' && printable(value, maxNameLength) === value) return value
  throw new MillraceError('PROTOCOL_ERROR', `a frame of the Reflow dialect has no proper "${key}"`)
}
