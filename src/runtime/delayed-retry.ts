/**
 * What a failed synchronous run gives instead of its outputs when its message is to be tried again later. It passes for a promise, so that
 * the node takes it for an asynchronous run and lets nothing overtake it.
 */
export class DelayedRetry implements PromiseLike<undefined> {
  /** Which try comes next. */
  readonly attempt: number
  /** How long to wait, or what to wait for; it is not tried again when that gives `false`. */
  readonly wait: number | Promise<boolean>
  /** What the try before failed with. */
  readonly error: unknown

  constructor(attempt: number, wait: number | Promise<boolean>, error: unknown) {
    this.attempt = attempt
    this.wait = wait
    this.error = error
  }

  // oxlint-disable-next-line unicorn/no-thenable -- only so that the loops, which look for `then`, hand it over
  then(): never {
    throw new Error('a delayed retry is not to be awaited')
  }
}
