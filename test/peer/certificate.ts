import { X509Certificate } from 'node:crypto'
import { generate } from 'selfsigned'
import type { TlsIdentity } from '../../src/peer/index.ts'

/** Makes a certificate for this machine, signed by itself. */
export async function makeCertificate(name = 'localhost'): Promise<TlsIdentity & { fingerprint: string }> {
  const { cert, private: key } = await generate([{ name: 'commonName', value: name }], {
    keyType: 'ec',
    algorithm: 'sha256',
    extensions: [
      {
        name: 'subjectAltName',
        altNames: [
          { type: 2, value: name },
          { type: 7, ip: '127.0.0.1' },
        ],
      },
    ],
  })
  return { cert, key, fingerprint: new X509Certificate(cert).fingerprint256 }
}
