import { createRouterClient, os } from '@orpc/server'
import { RPCHandler } from '@orpc/server/message-port'
import { describe, expect, it } from 'vitest'
import {
  connectByPort,
  connectBySocket,
  type Connect,
  type LabConnection,
} from '../../src/renderer/connection/connect-lab.ts'
import { followStream, type Batch } from '../../src/renderer/connection/follow-stream.ts'
import { keepConnected, type ConnectionState } from '../../src/renderer/connection/keep-connected.ts'
import { MillraceError } from '../../src/shared/index.ts'

const tick = () => new Promise<void>((resolve) => setImmediate(resolve))

function handClock() {
  let nowMs = 0
  let waiting: { atMs: number; ring: () => void }[] = []
  return {
    now: () => nowMs,
    after(delayMs: number, then: () => void) {
      const timer = { atMs: nowMs + delayMs, ring: then }
      waiting.push(timer)
      return () => (waiting = waiting.filter((other) => other !== timer))
    },
    async advance(ms: number) {
      nowMs += ms
      const due = waiting.filter(({ atMs }) => atMs <= nowMs)
      waiting = waiting.filter(({ atMs }) => atMs > nowMs)
      for (const { ring } of due) ring()
      await tick()
    },
  }
}

function fakeLab() {
  const ends: (() => void)[] = []
  let isAway = true
  const connect: Connect = async () => {
    if (isAway) throw new Error('nobody answers')
    const connection: LabConnection = {
      client: createRouterClient({}) as LabConnection['client'],
      closed: new Promise((resolve) => ends.push(resolve)),
      close: () => ends.at(-1)?.(),
    }
    return connection
  }
  return { connect, come: () => (isAway = false), cut: () => ends.at(-1)?.() }
}

describe('keeping connected', () => {
  function begin() {
    const lab = fakeLab()
    const clock = handClock()
    const states: ConnectionState[] = []
    const keeper = keepConnected({ ...clock, connect: lab.connect, changed: (state) => states.push(state) })
    return { lab, clock, states, keeper }
  }

  it('says when it tries again, and tries then', async () => {
    const { lab, clock, states } = begin()
    await tick()
    expect(states.at(-1)).toEqual({ type: 'lost', retryAtMs: 2000, reason: 'nobody answers' })
    lab.come()
    await clock.advance(1999)
    expect(states.at(-1)?.type).toBe('lost')
    await clock.advance(1)
    expect(states.at(-1)).toEqual({ type: 'connected' })
  })

  it('connects again a second after a cut', async () => {
    const { lab, clock, states } = begin()
    lab.come()
    await tick()
    await clock.advance(2000)
    expect(states.at(-1)).toEqual({ type: 'connected' })
    lab.cut()
    await tick()
    expect(states.at(-1)).toEqual({ type: 'lost', retryAtMs: 3000, reason: 'the connection was closed' })
    await clock.advance(1000)
    expect(states.at(-1)).toEqual({ type: 'connected' })
  })

  it('waits longer each time in vain, up to five seconds', async () => {
    const { clock, states } = begin()
    const delays: number[] = []
    for (let attempt = 0; attempt < 6; attempt += 1) {
      await tick()
      const state = states.at(-1)
      const delayMs = state?.type === 'lost' ? state.retryAtMs - clock.now() : 0
      delays.push(delayMs)
      await clock.advance(delayMs)
    }
    expect(delays).toEqual([2000, 3000, 5000, 5000, 5000, 5000])
  })

  it('tries at once when it is asked to', async () => {
    const { lab, states, keeper } = begin()
    await tick()
    lab.come()
    keeper.retryNow()
    await tick()
    expect(states.at(-1)).toEqual({ type: 'connected' })
  })

  it('tries no more once it is not let in', async () => {
    const states: ConnectionState[] = []
    const clock = handClock()
    const refuse = () => Promise.reject(new MillraceError('FORBIDDEN', 'the session has ended'))
    keepConnected({ ...clock, connect: refuse, changed: (state) => states.push(state) })
    await tick()
    await clock.advance(60_000)
    expect(states).toEqual([
      { type: 'connecting', attempt: 1 },
      { type: 'ended', reason: 'the session has ended' },
    ])
  })

  it('tries no more once it is stopped', async () => {
    const { clock, states, keeper } = begin()
    await tick()
    keeper.stop()
    const before = states.length
    await clock.advance(60_000)
    expect(states).toHaveLength(before)
  })
})

describe('following a stream', () => {
  function follow(batches: AsyncIterable<Batch<number>>) {
    const events: string[] = []
    const frame = { paint: () => {} }
    const stop = followStream<number>({
      open: async () => batches,
      acknowledge: async ({ number }) => events.push(`acknowledge ${number}`),
      show: ({ items }) => events.push(`show ${items.join()}`),
      painted: () => new Promise((resolve) => (frame.paint = resolve)),
      failed: (error) => events.push(String(error)),
    })
    return { events, stop, paint: () => (frame.paint(), tick()) }
  }

  async function* twoBatches() {
    yield { stream: 's', number: 1, notShown: 0, items: [1, 2] }
    yield { stream: 's', number: 2, notShown: 0, items: [3] }
  }

  it('acknowledges a batch only after it has been painted', async () => {
    const { events, paint } = follow(twoBatches())
    await tick()
    expect(events).toEqual(['show 1,2'])
    await paint()
    expect(events).toEqual(['show 1,2', 'acknowledge 1', 'show 3'])
  })

  it('shows and acknowledges nothing after it was stopped', async () => {
    const { events, paint, stop } = follow(twoBatches())
    await tick()
    stop()
    await paint()
    expect(events).toEqual(['show 1,2'])
  })

  it('reports a stream that breaks, and one that ends', async () => {
    const { events, paint } = follow(twoBatches())
    await tick()
    await paint()
    await paint()
    expect(events.at(-1)).toBe('Error: the lab ended the stream')
    const broken = follow({ [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(new Error('cut')) }) })
    await tick()
    expect(broken.events).toEqual(['Error: cut'])
  })
})

describe('finding the lab', () => {
  class FakeWindow extends EventTarget {
    offer(data: unknown, port: MessagePort, source: unknown = this) {
      this.dispatchEvent(Object.assign(new Event('message'), { data, ports: [port], source }))
    }
  }

  it('takes the port of the preload script, also one that came early, and calls the lab over it', async () => {
    const here = new FakeWindow()
    const connect = connectByPort(here as unknown as Window)
    const { port1, port2 } = new MessageChannel()
    new RPCHandler({ lab: { get: os.handler(() => ({ name: 'over a port' })) } }).upgrade(port2)
    port2.start()
    here.offer({ type: 'millrace-contract' }, port1)
    const connection = await connect(new AbortController().signal)
    expect(await connection.client.lab.get({})).toEqual({ name: 'over a port' })
    connection.close()
    port2.close()
  })

  it('takes no port from another window, nor one that is offered for something else', async () => {
    const here = new FakeWindow()
    const connect = connectByPort(here as unknown as Window)
    const { port1, port2 } = new MessageChannel()
    here.offer({ type: 'millrace-contract' }, port1, new FakeWindow())
    here.offer({ type: 'something else' }, port1)
    const abort = new AbortController()
    const waiting = connect(abort.signal)
    abort.abort()
    await expect(waiting).rejects.toThrow('the window was closed')
    port1.close()
    port2.close()
  })

  it('says that nobody answers when a socket closes before it is open', async () => {
    const socket = new EventTarget()
    const dial = (isKnown: () => Promise<boolean>) => {
      const dialling = connectBySocket(() => socket as WebSocket, isKnown)(new AbortController().signal)
      socket.dispatchEvent(new Event('close'))
      return dialling
    }
    await expect(dial(() => Promise.resolve(true))).rejects.toThrow('the lab does not answer')
    await expect(dial(() => Promise.reject(new Error('no network')))).rejects.toThrow('the lab does not answer')
  })

  it('says that the session has ended when the server answers but knows this window no more', async () => {
    const socket = new EventTarget()
    const connect = connectBySocket(
      () => socket as WebSocket,
      async () => false,
    )
    const dialling = connect(new AbortController().signal)
    socket.dispatchEvent(new Event('close'))
    await expect(dialling).rejects.toMatchObject({ code: 'FORBIDDEN', message: expect.stringContaining('has ended') })
  })

  it('calls streams off in silence while the socket closes, and rejects what is asked then', async () => {
    const sent: unknown[] = []
    const states = { OPEN: 1, CLOSING: 2, CLOSED: 3, readyState: 1 }
    const socket = Object.assign(new EventTarget(), states, { send: (data: unknown) => sent.push(data) })
    const connecting = connectBySocket(
      () => socket as unknown as WebSocket,
      async () => true,
    )(new AbortController().signal)
    socket.dispatchEvent(new Event('open'))
    const { client, closed } = await connecting
    const abort = new AbortController()
    const stream = client.streams.logs({}, { signal: abort.signal }).catch(() => 'ended')
    await expect.poll(() => sent.length).toBe(1)
    socket.readyState = socket.CLOSING
    // An error thrown by this would be nobody's to catch, and would fail the run.
    abort.abort()
    const late = client.lab.get({}).catch(() => 'rejected')
    await tick()
    socket.readyState = socket.CLOSED
    socket.dispatchEvent(new Event('close'))
    await closed
    expect([await stream, await late, sent.length]).toEqual(['ended', 'rejected', 1])
  })
})
