import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readMessage } from '../../src/renderer/view/message-text.ts'
import { replay, type ReplayProgress } from '../../src/renderer/view/replay.ts'

describe('messages that are sent again', () => {
  it('go one after another in their order, up to the first that is refused or until they are called off', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 12 }),
        fc.option(fc.nat(11), { nil: undefined }),
        fc.option(fc.nat(11), { nil: undefined }),
        async (count, refusedAt, calledOffAt) => {
          const messages = Array.from({ length: count }, (_, place) => place)
          const abort = new AbortController()
          const taken: number[] = []
          const told: ReplayProgress[] = []
          let underWay = 0
          const send = async (message: number) => {
            expect(++underWay).toBe(1)
            await Promise.resolve()
            underWay--
            if (message === refusedAt) throw new Error('no')
            taken.push(message)
            if (message === calledOffAt) abort.abort()
          }
          const end = await replay(messages, send, { signal: abort.signal, progress: (now) => told.push(now) })
          const last = Math.min(count, refusedAt ?? count, (calledOffAt ?? count) + 1)
          expect(taken).toEqual(messages.slice(0, last))
          expect(end).toMatchObject({ sent: last, of: count })
          expect(told.at(-1)).toEqual(end)
          const isRefused = refusedAt !== undefined && refusedAt === last && last < count && !abort.signal.aborted
          expect(end.failure !== undefined).toBe(isRefused)
          expect(end.isCancelled).toBe(abort.signal.aborted && last < count)
        },
      ),
    )
  })

  it('are read as JSON, plain or with their kind, or said to be none', () => {
    expect(readMessage('{"type": "Integer", "data": 3}').message).toEqual({ type: 'Integer', data: 3 })
    expect(readMessage('{"a": 1}').message).toEqual({ type: 'Object', data: { a: 1 } })
    expect(readMessage('{"a":').fault).toMatch(/JSON/u)
  })

  it('are of the kind that is said, if they can be', () => {
    expect(readMessage('5', 'float').message).toEqual({ type: 'Float', data: 5 })
    expect(readMessage('null', 'flow').message).toEqual({ type: 'Flow' })
    expect(readMessage('{}', 'float').fault).toMatch(/data of a Float/u)
    expect(readMessage('1', 'flow').fault).toMatch(/no data/u)
  })
})
