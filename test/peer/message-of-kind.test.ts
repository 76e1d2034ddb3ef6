import * as fc from 'fast-check'
import { addExtension, Unpackr } from 'msgpackr'
import { describe, expect, it } from 'vitest'
import { createValueCodec, MessageOfKind, ofKind, TracedMessage } from '../../src/peer/index.ts'
import { SessionPair } from './protocol/session-pair.ts'
import { arrivedAs, saidMessages, sayMessage } from './said-messages.ts'

const codec = createValueCodec()
const parent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
const roundTrip = (value: unknown) => codec.decodeAll(Buffer.from(codec.encode(value)))[0]

// What a peer did that knew traces and no kinds. This entry of the package keeps its own list of extensions.
addExtension({
  type: 84,
  read(read: unknown) {
    const [said, state, value] = Array.isArray(read) ? (read as unknown[]) : []
    return typeof said === 'string' && said.startsWith('00-') ? { traced: said, state, value } : value
  },
})
const older = new Unpackr({ useRecords: false, moreTypes: true, int64AsType: 'auto', mapsAsObjects: true } as object)
const readAsOlder = (value: unknown): unknown => older.unpack(codec.encode(value))

describe('a message of which the kind was said', () => {
  it('is the plain value where the value tells the kind', () => {
    const value = { id: 1 }
    expect(ofKind(value, 'object')).toBe(value)
    expect(ofKind(1.5, 'float')).toBe(1.5)
    expect(ofKind(5, 'float')).toEqual(new MessageOfKind(5, 'float'))
  })

  it('is refused when no message of that kind can be made of the value', () => {
    for (const [value, kind] of [
      [1.5, 'integer'],
      [5n, 'float'],
      ['5', 'integer'],
      [1, 'flow'],
      [[1], 'object'],
    ] as const)
      expect(() => ofKind(value, kind)).toThrow(expect.objectContaining({ code: 'MESSAGE_INVALID' }))
  })

  it('keeps a float that is minus zero a float', () => {
    expect(arrivedAs(roundTrip(ofKind(-0, 'float')))).toEqual({ kind: 'float', value: 0 })
  })

  it('arrives with its kind though the connection was cut while it was under way', () => {
    fc.assert(
      fc.property(fc.array(saidMessages, { minLength: 1, maxLength: 8 }), fc.nat(3), (messages, delivered) => {
        const pair = new SessionPair()
        const channel = pair.left.outgoing('node', 'port')
        pair.left.session.channels.openOutgoing(channel)
        pair.finish()
        for (const { sent } of messages) {
          void channel.send(sent)
          pair.left.settle()
        }
        pair.deliver(pair.left, delivered)
        pair.cut()
        pair.attach()
        pair.finish()
        expect(pair.right.sinks.get('node.port')?.taken.map(arrivedAs)).toEqual(
          messages.map(({ kind, value }) => ({ kind, value })),
        )
      }),
    )
  })

  it('is its plain value for a peer that knows no kinds yet, in a trace too', () => {
    fc.assert(
      fc.property(saidMessages, ({ sent, value }) => {
        expect(readAsOlder(sent)).toEqual(value)
        expect(readAsOlder(new TracedMessage(sent, parent))).toMatchObject({ traced: parent })
        expect((readAsOlder(new TracedMessage(sent, parent)) as { value: unknown }).value).toEqual(value)
      }),
    )
  })

  it('is its plain value where a peer says a kind that the value cannot be of', () => {
    expect(roundTrip(new MessageOfKind('text', 'integer'))).toBe('text')
    expect(roundTrip(new MessageOfKind(new TracedMessage(5, parent), 'float'))).toEqual(new MessageOfKind(5, 'float'))
    expect(roundTrip(new MessageOfKind(5, 'nonsense' as never))).toBe(5)
    expect(roundTrip(new MessageOfKind(5, 'toString' as never))).toBe(5)
  })

  it('looks on the wire as it always will', () => {
    const { sent } = sayMessage('float', 5)
    expect(codec.encode(sent).toString('hex')).toMatchInlineSnapshot(`"d4540093a5666c6f6174c005"`)
  })
})
