import { Packr } from 'msgpackr/index-no-eval'
import { assertNever, type DeliveryMode, deliveryModes, isMessageKind } from '../../shared/index.ts'
import type { ExportedNode, ExportedPort } from '../engine.ts'
import { broken, readFields, type Fields } from './fields.ts'
import {
  assembledFlag,
  frameCodes,
  frameHeaderBytes,
  frameRoomBytes,
  packetHeaderBytes,
  packetMagic,
  sequencedFlag,
  type Credit,
  type Frame,
  type LooseFrame,
  type Packet,
  type SequencedFrame,
  type TakenCount,
} from './frame.ts'
import { putUint16, putUint32, uint16At, uint32At } from './little-endian.ts'

const maxControlBytes = 1024 * 1024
const grantBytes = 20
const takenBytes = 12
const noBody = Buffer.alloc(0)

const packr = new Packr({ useRecords: false, mapsAsObjects: true, copyBuffers: true, structuredClone: false })

/** Encodes a map of the protocol itself: handshake and control frames. */
export function encodeMap(map: Record<string, unknown>): Uint8Array {
  return packr.pack(map)
}

/** Reads such a map. @throws MillraceError `PROTOCOL_ERROR`. */
export function decodeMap(bytes: Uint8Array, what: string): Fields {
  let value: unknown
  try {
    value = packr.unpack(bytes)
  } catch {
    throw broken(`${what} cannot be decoded`)
  }
  return readFields(value, what)
}

/** A frame with eight bytes in front of it, where a packet's header goes when the frame travels alone. */
export function encodeSequenced(frame: Exclude<SequencedFrame, { type: 'unknown' }>, sequence: number): Buffer {
  const code = frame.type === 'refused' ? frameCodes.opened : frameCodes[frame.type]
  const body = sequencedBody(frame)
  const channel = 'channel' in frame ? frame.channel : 0
  const flags = frame.type === 'data' && frame.check !== undefined ? sequencedFlag | assembledFlag : sequencedFlag
  return allocateFrame(code, flags, frame.type === 'data' ? frame.count : 0, channel, sequence, body)
}

/** Makes a data frame of a body that stands behind free bytes for its header, without copying it. */
export function sealData(framed: Buffer, frame: { channel: number; count: number }, sequence: number): Buffer {
  return writeHeader(framed, frameCodes.data, sequencedFlag, frame.count, frame.channel, sequence)
}

/** What stands before the body of a part, which is written behind it as it is. */
export function encodePartHead(part: { channel: number; length: number }, sequence: number): Buffer {
  const head = Buffer.allocUnsafe(frameRoomBytes)
  writeHeader(head, frameCodes.part, sequencedFlag, 0, part.channel, sequence)
  putUint32(head, 20, part.length)
  return head
}

/** Encodes a frame that is not kept; eight bytes in front of it are free. */
export function encodeLoose(frame: LooseFrame): Buffer {
  return allocateFrame(frameCodes[frame.type], 0, 0, 0, 0, looseBody(frame))
}

/** Makes one packet of frames that have eight free bytes in front; a single one is not copied. Of the last one the body may follow apart. */
export function encodePacket(frames: readonly Buffer[], ack: number): Buffer {
  const packet = joinFrames(frames)
  packet[0] = packetMagic
  packet[1] = 0
  putUint16(packet, 2, frames.length)
  putUint32(packet, 4, ack)
  return packet
}

/** A packet that only acknowledges. */
export function encodeEmptyPacket(ack: number): Buffer {
  const packet = Buffer.alloc(packetHeaderBytes)
  packet[0] = packetMagic
  putUint32(packet, 4, ack)
  return packet
}

/** Parses a packet. @throws MillraceError `PROTOCOL_ERROR`. */
export function parsePacket(bytes: Uint8Array): Packet {
  // Copying the view of a lone small frame again and again costs as much as decoding it.
  const buffer = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (buffer.length < packetHeaderBytes || buffer[0] !== packetMagic) throw broken('this is no packet')
  const frameCount = uint16At(buffer, 2)
  const frames: Frame[] = []
  let offset = packetHeaderBytes
  for (let index = 0; index < frameCount; index++) {
    if (buffer.length - offset < frameHeaderBytes) throw broken('a packet ends within a frame')
    const end = offset + frameHeaderBytes + uint32At(buffer, offset + 12)
    if (end > buffer.length) throw broken('a packet ends within a frame')
    const frame = parseFrame(buffer, offset, end)
    if (frame) frames.push(frame)
    offset = end
  }
  if (offset !== buffer.length) throw broken('a packet goes on after its last frame')
  return { ack: uint32At(buffer, 4), frames }
}

function joinFrames(frames: readonly Buffer[]): Buffer {
  const [only] = frames
  if (frames.length === 1 && only) return only
  let size = packetHeaderBytes
  for (const frame of frames) size += frame.length - packetHeaderBytes
  const packet = Buffer.allocUnsafe(size)
  let offset = packetHeaderBytes
  for (const frame of frames) offset += frame.copy(packet, offset, packetHeaderBytes)
  return packet
}

function allocateFrame(
  code: number,
  flags: number,
  count: number,
  channel: number,
  sequence: number,
  body: Uint8Array,
): Buffer {
  const buffer = Buffer.allocUnsafe(frameRoomBytes + body.length)
  buffer.set(body, frameRoomBytes)
  return writeHeader(buffer, code, flags, count, channel, sequence)
}

function writeHeader(
  buffer: Buffer,
  code: number,
  flags: number,
  count: number,
  channel: number,
  sequence: number,
): Buffer {
  buffer[8] = code
  buffer[9] = flags
  putUint16(buffer, 10, count)
  putUint32(buffer, 12, channel)
  putUint32(buffer, 16, sequence)
  putUint32(buffer, 20, buffer.length - frameRoomBytes)
  return buffer
}

function sequencedBody(frame: Exclude<SequencedFrame, { type: 'unknown' }>): Uint8Array {
  switch (frame.type) {
    case 'data':
      return frame.check === undefined ? frame.body : Buffer.concat([frame.body, uint32(frame.check)])
    case 'part':
      return frame.body
    case 'gap':
      return uint32(frame.count)
    case 'drain':
    case 'drained':
      return noBody
    case 'open':
      return encodeMap({
        mode: frame.mode,
        node: frame.node,
        port: frame.port,
        credit: frame.credit,
        // The usual one is not told, as in the first version.
        ...(frame.delivery === 'reliable' ? {} : { delivery: frame.delivery }),
      })
    case 'opened':
      return encodeMap({ ok: true, credit: frame.credit })
    case 'refused':
      return encodeMap({ ok: false, code: frame.code, reason: frame.reason })
    case 'shut':
      return encodeMap({ reason: frame.reason })
    case 'discover':
      return encodeMap({ request: frame.request })
    case 'directory':
      return encodeMap({ request: frame.request, nodes: frame.nodes })
    case 'watch':
      return encodeMap({ revision: frame.revision })
    case 'listing':
      return encodeMap({ from: frame.from, to: frame.to, nodes: frame.nodes, gone: frame.gone, last: frame.isLast })
    default:
      return assertNever(frame)
  }
}

function looseBody(frame: LooseFrame): Uint8Array {
  switch (frame.type) {
    case 'credit':
      return grantsBody(frame.grants)
    case 'taken':
      return takenBody(frame.counts)
    case 'ping':
    case 'pong':
      return uint32(frame.id)
    case 'goaway':
      return encodeMap({ received: frame.received >>> 0, reason: frame.reason })
    default:
      return assertNever(frame)
  }
}

function uint32(value: number): Buffer {
  const body = Buffer.allocUnsafe(4)
  body.writeUInt32LE(value >>> 0, 0)
  return body
}

function grantsBody(grants: readonly (Credit & { channel: number })[]): Buffer {
  const body = Buffer.allocUnsafe(grants.length * grantBytes)
  let offset = 0
  for (const grant of grants) {
    offset = body.writeUInt32LE(grant.channel, offset)
    offset = body.writeDoubleLE(grant.messages, offset)
    offset = body.writeDoubleLE(grant.bytes, offset)
  }
  return body
}

function takenBody(counts: readonly TakenCount[]): Buffer {
  const body = Buffer.allocUnsafe(counts.length * takenBytes)
  let offset = 0
  for (const { channel, messages } of counts) {
    offset = body.writeUInt32LE(channel, offset)
    offset = body.writeDoubleLE(messages, offset)
  }
  return body
}

/** `undefined` for a frame of a newer version that may be skipped. */
function parseFrame(packet: Buffer, start: number, end: number): Frame | undefined {
  const code = packet[start] ?? 0
  const flags = packet[start + 1] ?? 0
  const body = packet.subarray(start + frameHeaderBytes, end)
  if (code !== frameCodes.data && code !== frameCodes.part && body.length > maxControlBytes)
    throw broken('a control frame is too long')
  if ((flags & sequencedFlag) === 0) {
    const frame = parseLoose(code, body)
    return frame && { sequenced: false, frame }
  }
  const header = { code, flags, count: uint16At(packet, start + 2), channel: uint32At(packet, start + 4) }
  return { sequenced: true, sequence: uint32At(packet, start + 8), frame: parseSequenced(header, body) }
}

interface FrameHeader {
  readonly code: number
  readonly flags: number
  readonly count: number
  readonly channel: number
}

function parseSequenced(header: FrameHeader, body: Buffer): SequencedFrame {
  const { code, channel } = header
  switch (code) {
    case frameCodes.data:
      return parseData(header, body)
    case frameCodes.part:
      return { type: 'part', channel, body }
    case frameCodes.gap:
      if (body.length !== 4) throw broken('a gap of the wrong length')
      return { type: 'gap', channel, count: body.readUInt32LE(0) }
    case frameCodes.drain:
      return { type: 'drain' }
    case frameCodes.drained:
      return { type: 'drained' }
    case frameCodes.open:
      return parseOpen(channel, decodeMap(body, 'OPEN'))
    case frameCodes.opened: {
      const fields = decodeMap(body, 'OPENED')
      return fields.flag('ok')
        ? { type: 'opened', channel, credit: parseCredit(fields.map('credit')) }
        : { type: 'refused', channel, code: fields.text('code'), reason: fields.text('reason', 2000) }
    }
    case frameCodes.shut:
      return { type: 'shut', channel, reason: decodeMap(body, 'SHUT').text('reason', 2000) }
    case frameCodes.discover:
      return { type: 'discover', request: decodeMap(body, 'DISCOVER').count('request') }
    case frameCodes.directory: {
      const fields = decodeMap(body, 'DIRECTORY')
      return { type: 'directory', request: fields.count('request'), nodes: fields.list('nodes').map(parseNode) }
    }
    case frameCodes.watch:
      return { type: 'watch', revision: decodeMap(body, 'WATCH').count('revision') }
    case frameCodes.listing:
      return parseListing(decodeMap(body, 'LISTING'))
    default:
      return skip(code)
  }
}

function parseData({ flags, count, channel }: FrameHeader, body: Buffer): SequencedFrame {
  if ((flags & assembledFlag) === 0) {
    if (count === 0 || body.length < count) throw broken('a data frame without messages')
    return { type: 'data', channel, count, body }
  }
  if (count === 0 || body.length < 4) throw broken('a data frame without messages')
  const end = body.length - 4
  return { type: 'data', channel, count, body: body.subarray(0, end), check: body.readUInt32LE(end) }
}

function parseOpen(channel: number, fields: Fields): SequencedFrame {
  const mode = fields.text('mode')
  if (mode !== 'send' && mode !== 'subscribe') throw broken(`OPEN has no proper "mode"`)
  const credit = parseCredit(fields.map('credit'))
  const delivery = fields.has('delivery') ? fields.text('delivery') : 'reliable'
  if (!isDelivery(delivery)) throw broken(`OPEN has no proper "delivery"`)
  return { type: 'open', channel, mode, node: fields.text('node'), port: fields.text('port'), credit, delivery }
}

function isDelivery(text: string): text is DeliveryMode {
  return (deliveryModes as readonly string[]).includes(text)
}

function parseLoose(code: number, body: Buffer): LooseFrame | undefined {
  switch (code) {
    case frameCodes.credit:
      return { type: 'credit', grants: parseGrants(body) }
    case frameCodes.taken:
      return { type: 'taken', counts: parseTaken(body) }
    case frameCodes.ping:
    case frameCodes.pong:
      if (body.length !== 4) throw broken('a ping of the wrong length')
      return { type: code === frameCodes.ping ? 'ping' : 'pong', id: body.readUInt32LE(0) }
    case frameCodes.goaway: {
      const fields = decodeMap(body, 'GOAWAY')
      return { type: 'goaway', received: fields.count('received'), reason: fields.text('reason', 2000) }
    }
    default:
      skip(code)
      return undefined
  }
}

function parseGrants(body: Buffer): (Credit & { channel: number })[] {
  if (body.length % grantBytes !== 0) throw broken('a credit frame of the wrong length')
  const grants = []
  for (let offset = 0; offset < body.length; offset += grantBytes) {
    const messages = body.readDoubleLE(offset + 4)
    const bytes = body.readDoubleLE(offset + 12)
    if (!Number.isSafeInteger(messages) || !Number.isSafeInteger(bytes)) throw broken('a credit that is no number')
    grants.push({ channel: body.readUInt32LE(offset), messages, bytes })
  }
  return grants
}

function parseTaken(body: Buffer): TakenCount[] {
  if (body.length % takenBytes !== 0) throw broken('a count of what was taken of the wrong length')
  const counts = []
  for (let offset = 0; offset < body.length; offset += takenBytes) {
    const messages = body.readDoubleLE(offset + 4)
    if (!Number.isSafeInteger(messages)) throw broken('a count of what was taken that is no number')
    counts.push({ channel: body.readUInt32LE(offset), messages })
  }
  return counts
}

function parseCredit(fields: Fields): Credit {
  return { messages: fields.count('messages'), bytes: fields.count('bytes') }
}

function parseListing(fields: Fields): SequencedFrame {
  return {
    type: 'listing',
    from: fields.count('from'),
    to: fields.count('to'),
    nodes: fields.list('nodes').map(parseNode),
    gone: fields.list('gone').filter((id) => typeof id === 'string'),
    isLast: fields.flag('last'),
  }
}

function parseNode(value: unknown): ExportedNode {
  const fields = readFields(value, 'a node of DIRECTORY')
  return {
    id: fields.text('id'),
    component: fields.text('component'),
    inports: fields.list('inports').map(parsePort),
    outports: fields.list('outports').map(parsePort),
  }
}

function parsePort(value: unknown): ExportedPort {
  const fields = readFields(value, 'a port of DIRECTORY')
  const kind = fields.text('kind')
  return { name: fields.text('name'), kind: isMessageKind(kind) ? kind : 'any' }
}

function skip(code: number): { type: 'unknown' } {
  if (code >= 0x80) throw broken(`frame type ${code} is unknown here and may not be skipped`)
  return { type: 'unknown' }
}
