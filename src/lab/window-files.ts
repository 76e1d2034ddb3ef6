import { readFile } from 'node:fs/promises'
import path from 'node:path'

const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.json': 'application/json; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
  '.woff2': 'font/woff2',
  '.txt': 'text/plain; charset=utf-8',
}

/** A file of the built window, ready to be sent. */
export interface WindowFile {
  body: Buffer
  type: string
  /** Files under `assets` carry their hash in their name and never change. */
  isImmutable: boolean
}

/** Reads a file of the built window by the path of its URL; `undefined` when there is none. Never leaves the folder. */
export async function readWindowFile(folder: string, urlPath: string, nonce: string): Promise<WindowFile | undefined> {
  const file = fileFor(folder, urlPath)
  const type = file === undefined ? undefined : types[path.extname(file)]
  if (file === undefined || type === undefined) return undefined
  try {
    const body = await readFile(file)
    const isPage = path.extname(file) === '.html'
    return {
      body: isPage ? Buffer.from(body.toString('utf8').replaceAll('__CSP_NONCE__', nonce)) : body,
      type,
      isImmutable: path.relative(folder, file).startsWith(`assets${path.sep}`),
    }
  } catch {
    // Not there, or a folder: both are "not found" to whoever asks.
    return undefined
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
