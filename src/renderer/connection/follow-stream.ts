/** What a stream of the contract yields. */
export interface Batch<Item> {
  stream: string
  number: number
  notShown: number
  items: Item[]
}

/** What following a stream needs. */
export interface StreamSource<Item> {
  open(signal: AbortSignal): Promise<AsyncIterable<Batch<Item>>>
  acknowledge(batch: { stream: string; number: number }): Promise<unknown>
  /** Puts a batch on screen. */
  show(batch: Batch<Item>): void
  /** Resolves when the screen has been painted. */
  painted(): Promise<void>
  /** The stream broke; it is not followed any more. */
  failed(error: unknown): void
}

/**
 * Shows every batch of a stream and acknowledges it once it has been painted, so that the lab sends no faster than this
 * window can show. Returns what ends it.
 */
export function followStream<Item>(source: StreamSource<Item>): () => void {
  const abort = new AbortController()
  const follow = async () => {
    for await (const batch of await source.open(abort.signal)) {
      if (abort.signal.aborted) return
      source.show(batch)
      await source.painted()
      if (abort.signal.aborted) return
      await source.acknowledge({ stream: batch.stream, number: batch.number })
    }
    throw new Error('the lab ended the stream')
  }
  follow().catch((error: unknown) => {
    if (!abort.signal.aborted) source.failed(error)
  })
  return () => abort.abort()
}
