import { AsyncLocalStorage } from 'node:async_hooks'
import { TracedMessage, type MessageSink } from '../../peer/index.ts'
import type { Cause } from '../../runtime/index.ts'

/** Knows what caused the code that runs now, through awaits and timers; carries that over links with the messages. */
export class TraceScope {
  /** Made when somebody first follows messages: from then on every promise costs a little. */
  #storage: AsyncLocalStorage<Cause> | undefined
  #users = 0
  /** Whether a message without a trace that a peer sent may begin one; where peers follow theirs too, they have chosen not to. */
  linksBegin = true

  /** Begins to know; returns the undo. */
  open(): () => void {
    this.#storage ??= new AsyncLocalStorage()
    this.#users++
    let isOpen = true
    return () => {
      if (!isOpen) return
      isOpen = false
      this.#users--
      if (this.#users > 0) return
      this.#storage?.disable()
      this.#storage = undefined
    }
  }

  active(): Cause | undefined {
    return this.#storage?.getStore()
  }

  run<Result>(cause: Cause, run: () => Result): Result {
    return this.#storage === undefined ? run() : this.#storage.run(cause, run)
  }

  /** What goes to a peer for this message: it and what it is a part of. */
  outgoing(value: unknown): unknown {
    const cause = this.active()
    if (cause === undefined || cause === 'unfollowed') return value
    return new TracedMessage(value, `00-${cause.traceId}-${cause.spanId}-01`, cause.state)
  }

  /** A sink that takes what a peer sent, as a part of what it is of. */
  incoming(sink: MessageSink): MessageSink {
    const { deliver } = sink
    return {
      ...sink,
      deliver: (message) => {
        if (!(message instanceof TracedMessage))
          return this.linksBegin ? deliver(message) : this.run('unfollowed', () => deliver(message))
        const [, traceId = '', spanId = ''] = message.parent.split('-')
        const { value, state } = message
        return this.run({ traceId, spanId, ...(state !== undefined && { state }) }, () => deliver(value))
      },
    }
  }
}
