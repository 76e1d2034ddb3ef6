import { X509Certificate } from 'node:crypto'
import { isIP } from 'node:net'

const lifeDays = 825

/** A certificate that is signed by itself, as PEM; peers trust it by its fingerprint. */
export interface OwnCertificate {
  readonly cert: string
  readonly key: string
  /** SHA-256, as `AB:CD:…`. */
  readonly fingerprint: string
  readonly validUntil: Date
}

/** Makes a key (P-256) and a certificate for these names and addresses; this machine's own are always among them. */
export async function makeOwnCertificate(hosts: readonly string[], now: Date): Promise<OwnCertificate> {
  const names = [...new Set([...hosts, 'localhost', '127.0.0.1', '::1'])]
  // It takes long to load, and only this needs it.
  const { generate } = await import('selfsigned')
  const validUntil = new Date(now.getTime() + lifeDays * 86_400_000)
  const { cert, private: key } = await generate([{ name: 'commonName', value: names[0] ?? 'localhost' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    // Clocks of two machines differ.
    notBeforeDate: new Date(now.getTime() - 86_400_000),
    notAfterDate: validUntil,
    extensions: [
      {
        name: 'subjectAltName',
        altNames: names.map((name) =>
          isIP(name) === 0 ? { type: 2 as const, value: name } : { type: 7 as const, ip: name },
        ),
      },
    ],
  })
  return { cert, key, fingerprint: fingerprintOf(cert), validUntil }
}

/** SHA-256 of a certificate that is given as PEM. Throws when it is none. */
export function fingerprintOf(cert: string): string {
  return new X509Certificate(cert).fingerprint256
}
