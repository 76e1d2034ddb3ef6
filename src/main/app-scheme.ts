import { randomBytes } from 'node:crypto'
import { protocol, type Session } from 'electron'
import { contentPolicy, readWindowFile } from '../lab/index.ts'
import type { PageHead } from './page-head.ts'

const scheme = 'app'
const host = 'millrace'

/** Where the window's page comes from; everything else is another origin. */
export const appOrigin = `${scheme}://${host}`

/** Makes `app:` a scheme with origins, like `https:`. Has to happen before the app is ready. */
export function registerAppScheme(): void {
  protocol.registerSchemesAsPrivileged([
    { scheme, privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true } },
  ])
}

/** Serves the built window under `app://millrace/` to one session, and notes what it has answered. */
export function serveWindow(session: Session, rendererDir: string, head: PageHead): void {
  session.protocol.handle(scheme, (request) => answer(request, rendererDir, head))
}

async function answer(request: Request, rendererDir: string, head: PageHead): Promise<Response> {
  const url = new URL(request.url)
  const nonce = randomBytes(16).toString('base64')
  const headers = {
    'Content-Security-Policy': contentPolicy(nonce),
    'X-Content-Type-Options': 'nosniff',
    'Referrer-Policy': 'no-referrer',
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Resource-Policy': 'same-origin',
  }
  const file =
    url.host === host && request.method === 'GET' ? await readWindowFile(rendererDir, url.pathname, nonce) : undefined
  if (!file) return new Response('There is nothing here.', { status: 404, headers })
  head.note(url.pathname, file.body)
  return new Response(new Uint8Array(file.body), { headers: { ...headers, 'Content-Type': file.type } })
}
