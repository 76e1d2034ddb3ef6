import { InvalidArgumentError, Option, type Command } from 'commander'
import { readFileSync } from 'node:fs'
import { parseFingerprint, type PeerAddress } from '../lab/index.ts'
import { MillraceError } from '../shared/index.ts'

/** What the options of TLS come to. */
export interface TlsOptions {
  fingerprint?: string
  ca?: string
}

/** Adds the options of every command that reaches an instance over TLS. */
export function withTlsOptions(command: Command): Command {
  return command
    .addOption(
      new Option(
        '--fingerprint <sha256>',
        'speak TLS, and expect the certificate with this fingerprint ("millrace certificate" prints it)',
      ).argParser(parseFingerprintOption),
    )
    .addOption(new Option('--ca <file>', 'speak TLS, and trust the authorities in this PEM file'))
}

/** Whom to trust, if TLS is to be spoken. Throws `FILE_NOT_FOUND`. */
export function readTlsOptions({ fingerprint, ca }: TlsOptions): NonNullable<PeerAddress['tls']> | undefined {
  if (fingerprint === undefined && ca === undefined) return undefined
  return { ...(fingerprint !== undefined && { fingerprint }), ...(ca !== undefined && { ca: readAuthorities(ca) }) }
}

function readAuthorities(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    throw new MillraceError('FILE_NOT_FOUND', `cannot read the authorities from ${file}; give a readable PEM file`, {
      cause,
    })
  }
}

function parseFingerprintOption(text: string): string {
  const fingerprint = parseFingerprint(text)
  if (fingerprint !== undefined) return fingerprint
  throw new InvalidArgumentError('expected 64 hexadecimal digits, the SHA-256 of a certificate')
}
