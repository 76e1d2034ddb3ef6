import { describe, expect, it } from 'vitest'
import { endpointOf, faultOfEndpoint, faultOfFingerprint, wayOut } from '../../src/renderer/view/join-form.ts'
import type { ConnectionTrial } from '../../src/shared/index.ts'

describe('the form that joins a peer', () => {
  it('names what is wrong with an address, and nothing of one that is right', () => {
    for (const right of ['', 'localhost:9001', '[::1]:9001', ' wss://lab.example:443 ', '10.0.0.7:65535'])
      expect(faultOfEndpoint(right)).toBeUndefined()
    expect(faultOfEndpoint('localhost')).toContain('port is missing')
    expect(faultOfEndpoint('localhost:70000')).toContain('1 to 65535')
    expect(faultOfEndpoint('http://localhost:9001')).toContain('host:port')
    expect(faultOfEndpoint('a b:9001')).toContain('no spaces')
  })

  it('dials TLS when it is ticked, whatever was written before the address', () => {
    expect(endpointOf({ endpoint: 'ws://peer:1', isSecure: true })).toBe('wss://peer:1')
    expect(endpointOf({ endpoint: 'wss://peer:1', isSecure: false })).toBe('peer:1')
  })

  it('names what is wrong with a fingerprint, however one that is right is written', () => {
    const digits = 'ab'.repeat(32)
    for (const right of ['', ` ${digits} `, digits.toUpperCase().replaceAll(/(..)(?=.)/gu, '$1:'), `SHA256=${digits}`])
      expect(faultOfFingerprint(right)).toBeUndefined()
    for (const wrong of ['ab:cd', `${digits}0`, 'zz'.repeat(32)])
      expect(faultOfFingerprint(wrong)).toContain('64 digits')
  })

  it('knows the way out of an unknown certificate, of a wrong token, and of encryption that only one side wants', () => {
    const failed = (step: 'tls' | 'version' | 'token', code: string, fingerprint?: string): ConnectionTrial => ({
      works: false,
      steps: [{ step, outcome: 'failed', detail: '', code }],
      nodes: [],
      ...(fingerprint !== undefined && { fingerprint }),
    })
    expect(wayOut(failed('tls', 'TLS_UNTRUSTED', 'ab:cd'))?.type).toBe('pin')
    expect(wayOut(failed('tls', 'TLS_UNTRUSTED'))).toBeUndefined()
    expect(wayOut(failed('token', 'AUTH_FAILED'))?.type).toBe('token')
    expect(wayOut(failed('version', 'PEER_UNREACHABLE'))?.type).toBe('tls')
    expect(wayOut(failed('tls', 'PEER_UNREACHABLE'))?.type).toBe('plain')
    expect(wayOut({ works: true, steps: [], nodes: [] })).toBeUndefined()
  })
})
