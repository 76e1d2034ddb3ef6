/** What a `millrace://` link asks for. */
export type DeepLink = { type: 'open'; file: string } | { type: 'join'; endpoint: string }

/** The scheme of links that lead into the program. */
export const linkScheme = 'millrace'

const longest = 2_000

/**
 * Reads `millrace://open?file=<absolute path>` and `millrace://join?peer=<host:port>`; `undefined` for anything else. Links come from
 * strangers: whoever follows one asks a person first.
 */
export function parseDeepLink(text: string): DeepLink | undefined {
  if (text.length > longest || !URL.canParse(text)) return undefined
  const url = new URL(text)
  if (url.protocol !== `${linkScheme}:`) return undefined
  const value = url.searchParams.get(url.host === 'open' ? 'file' : 'peer') ?? ''
  // Control characters could make the question look like another one; a share of the network could be anybody's.
  if (value === '' || /[\p{Cc}\p{Cf}]/u.test(value) || /^(?:\\\\|\/\/)/u.test(value)) return undefined
  if (url.host === 'open') return isAbsolute(value) ? { type: 'open', file: value } : undefined
  if (url.host !== 'join') return undefined
  return /^(?:wss?:\/\/)?(?:\[[0-9a-fA-F:.]+\]|[\w.-]+):\d{1,5}$/u.test(value)
    ? { type: 'join', endpoint: value }
    : undefined
}

function isAbsolute(file: string): boolean {
  return file.startsWith('/') || /^[a-z]:[\\/]/iu.test(file)
}
