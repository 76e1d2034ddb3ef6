import { createHash, createHmac, hkdfSync, timingSafeEqual } from 'node:crypto'

/** Who proves: the keys differ, so that a proof cannot be sent back to where it came from. */
export type Prover = 'dialler' | 'acceptor'

/** Proves knowledge of a token over everything both sides have said, without telling the token. 32 bytes. */
export function makeProof(token: string, prover: Prover, transcript: readonly Uint8Array[]): Buffer {
  return createHmac('sha256', proofKey(token, prover)).update(digest(transcript)).digest()
}

/** The key whose token a proof was made with. Takes as long whichever it is, or if it is none. */
export function findProvenKey<Key extends { readonly token: string }>(
  keys: readonly Key[],
  prover: Prover,
  transcript: readonly Uint8Array[],
  proof: Uint8Array,
): Key | undefined {
  let found: Key | undefined
  for (const key of keys) {
    const expected = makeProof(key.token, prover, transcript)
    const equal = proof.length === expected.length && timingSafeEqual(expected, proof)
    found = equal ? key : found
  }
  return found
}

/** Whether two secrets are the same; takes as long wherever they differ. */
export function equalSecrets(left: string, right: string): boolean {
  return timingSafeEqual(digest([Buffer.from(left)]), digest([Buffer.from(right)]))
}

function proofKey(token: string, prover: Prover): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', token, 'millrace link 1', prover, 32))
}

/** Every part with its length in front, so that no two transcripts read the same. */
function digest(parts: readonly Uint8Array[]): Buffer {
  const hash = createHash('sha256')
  const length = Buffer.alloc(4)
  for (const part of parts) {
    length.writeUInt32LE(part.length)
    hash.update(length).update(part)
  }
  return hash.digest()
}
