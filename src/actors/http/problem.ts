/** What a client did wrong, or what stands in its way: becomes an answer with this status and a JSON error. */
export class HttpProblem extends Error {
  readonly status: number
  readonly code: string
  /** The field of the request that is meant, if one is. */
  readonly field: string | undefined
  readonly headers: Readonly<Record<string, string>>

  constructor(
    status: number,
    code: string,
    message: string,
    { field, headers = {} }: { field?: string; headers?: Readonly<Record<string, string>> } = {},
  ) {
    super(message)
    this.status = status
    this.code = code
    this.field = field
    this.headers = headers
  }
}
