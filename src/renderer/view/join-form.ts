import type { ConnectionTrial, TrialStepName } from '../../shared/index.ts'

/** The endpoint that a form stands for, as the lab dials it. */
export function endpointOf({ endpoint, isSecure }: { endpoint: string; isSecure: boolean }): string {
  const plain = endpoint.trim().replace(/^wss?:\/\//u, '')
  return isSecure ? `wss://${plain}` : plain
}

/** What is wrong with an address while it is written; nothing while there is none. */
export function faultOfEndpoint(text: string): string | undefined {
  const plain = text.trim().replace(/^wss?:\/\//u, '')
  if (plain === '') return undefined
  if (/\s/u.test(plain)) return 'An address has no spaces.'
  const match = /^(?:\[[0-9a-fA-F:.]+\]|[^\s:/@?#[\]]+)(?::(\d{1,5}))?$/u.exec(plain)
  if (!match) return 'Write host:port, such as 192.168.1.20:9001.'
  if (match[1] === undefined) return 'The port is missing: write host:port, such as 192.168.1.20:9001.'
  const port = Number(match[1])
  return port >= 1 && port <= 65_535 ? undefined : 'A port is a number from 1 to 65535.'
}

/** What is wrong with the fingerprint of a certificate while it is written; nothing while there is none. */
export function faultOfFingerprint(text: string): string | undefined {
  const digits = text.trim().replaceAll(/^sha-?256[:=]|[:\s]/giu, '')
  if (digits === '' || /^[0-9a-f]{64}$/iu.test(digits)) return undefined
  return 'A fingerprint is the SHA-256 of a certificate: 64 digits from 0 to 9 and A to F, with or without colons.'
}

/** What each step of a trial is called on screen, and what it asks. */
export const stepTitles: Record<TrialStepName, { title: string; asks: string }> = {
  address: { title: 'Address', asks: 'Is the name known?' },
  port: { title: 'Port', asks: 'Does something listen there?' },
  tls: { title: 'Encryption', asks: 'Is its certificate trusted?' },
  version: { title: 'Version', asks: 'Does it speak our protocol?' },
  token: { title: 'Token', asks: 'Do both sides know it?' },
  exports: { title: 'Exports', asks: 'What does it offer?' },
}

/** The way out of a failed step, where a person can take it in the dialog. */
export function wayOut({
  steps,
  fingerprint,
}: ConnectionTrial): { type: 'pin' | 'token' | 'tls' | 'plain'; text: string } | undefined {
  const failed = steps.find(({ outcome }) => outcome === 'failed')
  if (failed === undefined) return undefined
  if (failed.code === 'TLS_UNTRUSTED' && fingerprint !== undefined)
    return {
      type: 'pin',
      text: 'If the owner of the peer confirms this fingerprint, trust it: the link then takes no other certificate.',
    }
  if (failed.code === 'AUTH_FAILED')
    return { type: 'token', text: 'Fill in the token that stands under “authToken” in the lab file of the peer.' }
  // A peer with TLS takes what is not encrypted for noise, and hangs up.
  if (failed.step === 'version' && failed.code === 'PEER_UNREACHABLE')
    return { type: 'tls', text: 'If the peer listens with TLS, the link has to be encrypted.' }
  if (failed.step === 'tls' && failed.code === 'PEER_UNREACHABLE')
    return { type: 'plain', text: 'If the peer listens without TLS, the link cannot be encrypted.' }
  return undefined
}
