import type { Console, Interrupt } from '../../src/cli/console.ts'

/** A console that keeps what was printed and is interrupted by hand. */
export class FakeConsole implements Console {
  readonly printed: string[] = []
  readonly complained: string[] = []
  readonly colours = false
  readonly interactive = false
  readonly env: Record<string, string | undefined>
  readonly #listeners = new Set<(why: Interrupt) => void>()

  constructor(env: Record<string, string | undefined> = {}) {
    this.env = env
  }

  print(line: string): void {
    this.printed.push(line)
  }

  complain(line: string): void {
    this.complained.push(line)
  }

  progress(): void {}

  onInterrupt(listener: (why: Interrupt) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  onLine(): () => void {
    return () => undefined
  }

  async flush(): Promise<void> {}

  /** How many wait for an interrupt. */
  get waiting(): number {
    return this.#listeners.size
  }

  interrupt(why: Interrupt = { reason: 'SIGINT', code: 130 }): void {
    for (const listener of this.#listeners) listener(why)
  }
}
