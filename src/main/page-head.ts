/** Long enough for the answers to leave, which takes them a few turns of this thread. */
const leaveMs = 20

/**
 * Tells when a page has been given the scripts and styles that its own text names. They are answered on this thread: whatever keeps
 * it busy before that keeps the page waiting, though it runs in a process of its own afterwards.
 */
export class PageHead {
  /** Resolves once, a moment after the last of them was answered. */
  readonly served: Promise<void>
  #resolve: () => void = () => {}
  #missing: Set<string> | undefined

  constructor() {
    this.served = new Promise((resolve) => (this.#resolve = resolve))
  }

  /** Notes what was answered: the path of its URL, and its body. */
  note(urlPath: string, body: Buffer): void {
    if (urlPath.endsWith('.html')) this.#missing ??= new Set(namedIn(body.toString('utf8')))
    else this.#missing?.delete(urlPath)
    if (this.#missing?.size === 0) setTimeout(this.#resolve, leaveMs)
  }
}

function namedIn(html: string): string[] {
  return [...html.matchAll(/(?:src|href)="\.(\/[^"]+\.(?:js|css))"/g)].map(([, urlPath = '']) => urlPath)
}
