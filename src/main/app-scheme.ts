import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { protocol, type Session } from 'electron'
import { contentPolicy } from './content-policy.ts'

const scheme = 'app'
const host = 'millrace'

/** Where the window's page comes from; everything else is another origin. */
export const appOrigin = `${scheme}://${host}`

const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.json': 'application/json; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
  '.woff2': 'font/woff2',
  '.txt': 'text/plain; charset=utf-8',
}

/** Makes `app:` a scheme with origins, like `https:`. Has to happen before the app is ready. */
export function registerAppScheme(): void {
  protocol.registerSchemesAsPrivileged([
    { scheme, privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true } },
  ])
}

/** Serves the built window under `app://millrace/` to one session. */
export function serveWindow(session: Session, rendererDir: string): void {
  session.protocol.handle(scheme, (request) => answer(request, rendererDir))
}

async function answer(request: Request, rendererDir: string): Promise<Response> {
  const url = new URL(request.url)
  const nonce = randomBytes(16).toString('base64')
  const headers = {
    'Content-Security-Policy': contentPolicy(nonce),
    'X-Content-Type-Options': 'nosniff',
    'Referrer-Policy': 'no-referrer',
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Resource-Policy': 'same-origin',
  }
  const file = url.host === host && request.method === 'GET' ? fileFor(rendererDir, url.pathname) : undefined
  const type = file === undefined ? undefined : types[path.extname(file)]
  if (file === undefined || type === undefined) return new Response('There is nothing here.', { status: 404, headers })
  try {
    const body = await readFile(file)
    const content = type.startsWith('text/html')
      ? body.toString('utf8').replaceAll('__CSP_NONCE__', nonce)
      : new Uint8Array(body)
    return new Response(content, { headers: { ...headers, 'Content-Type': type } })
  } catch {
    // Not there, or a folder: both are "not found" to the page.
    return new Response('There is nothing here.', { status: 404, headers })
  }
}

function fileFor(folder: string, urlPath: string): string | undefined {
  let decoded: string
  try {
    decoded = decodeURIComponent(urlPath)
  } catch {
    return undefined
  }
  const parts = decoded.split('/').filter((part) => part !== '')
  const isPlain = parts.every((part) => !part.startsWith('.') && !/[\\:\0]/.test(part))
  return isPlain ? path.join(folder, ...(parts.length === 0 ? ['index.html'] : parts)) : undefined
}
