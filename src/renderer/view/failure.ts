/** What went wrong, in words for a person, and the code that names it if there is one. */
export interface Failure {
  text: string
  code?: string
}

/** Reads whatever a call of the lab was rejected with. */
export function failureOf(error: unknown): Failure {
  if (!(error instanceof Error)) return { text: String(error) }
  const detail = 'data' in error && isRecord(error.data) ? error.data['code'] : undefined
  const code = typeof detail === 'string' ? detail : 'code' in error ? error.code : undefined
  return typeof code === 'string' ? { text: withoutCode(error.message, code), code } : { text: error.message }
}

function withoutCode(message: string, code: string): string {
  const ending = ` [${code}]`
  return message.endsWith(ending) ? message.slice(0, -ending.length) : message
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
