import { MillraceError } from '../../shared/index.ts'
import type { OutboundChannel } from '../engine.ts'
import { withoutTrace } from '../traced-message.ts'
import type { ReflowLink } from './reflow-link.ts'

const maxWaiting = 256

interface WaitingSend {
  readonly value: unknown
  readonly accepted: () => void
  readonly failed: (error: unknown) => void
}

/** Where messages for an actor of Reflow are put: they wait for a link, and are forgotten once written. */
export class ReflowChannel implements OutboundChannel {
  readonly #target: { networkId: string; node: string; port: string }
  readonly #links: { linkOf(networkId: string): ReflowLink | undefined }
  readonly #forget: () => void
  #waiting: WaitingSend[] = []
  #closed = false

  constructor(
    target: { networkId: string; node: string; port: string },
    links: { linkOf(networkId: string): ReflowLink | undefined },
    forget: () => void,
  ) {
    this.#target = target
    this.#links = links
    this.#forget = forget
  }

  get queued(): number {
    return this.#waiting.length
  }

  send(message: unknown): PromiseLike<void> | undefined {
    const value = withoutTrace(message)
    const { networkId, node, port } = this.#target
    if (this.#closed) return Promise.reject(new MillraceError('LINK_DOWN', `the channel to ${networkId} is closed`))
    const link = this.#links.linkOf(networkId)
    if (this.#waiting.length === 0 && link?.writable) {
      try {
        link.send(node, port, value)
        return undefined
      } catch (error) {
        return Promise.reject(error instanceof Error ? error : new Error(String(error)))
      }
    }
    if (this.#waiting.length >= maxWaiting)
      throw new MillraceError(
        'OUTBOX_FULL',
        `${maxWaiting} messages wait for "${node}.${port}" of a peer already: await what send answers`,
      )
    const sent = new Promise<void>((accepted, failed) => this.#waiting.push({ value, accepted, failed }))
    sent.catch(() => {})
    return sent
  }

  /** Writes what waited, as far as the link takes it. */
  pump(): void {
    const { networkId, node, port } = this.#target
    for (;;) {
      const link = this.#links.linkOf(networkId)
      if (!link?.writable) return
      const next = this.#waiting.shift()
      if (!next) return
      try {
        link.send(node, port, next.value)
        next.accepted()
      } catch (error) {
        next.failed(error)
      }
    }
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    const reason = new MillraceError(
      'LINK_DOWN',
      `the channel to "${this.#target.node}.${this.#target.port}" is closed`,
    )
    for (const send of this.#waiting.splice(0)) send.failed(reason)
    this.#forget()
  }
}
