// Buffer's own methods check their arguments by calls that are not compiled into the caller; a lone message feels each (1 µs in all).

/** The unsigned 16 bits at a place that is there. */
export function uint16At(bytes: Uint8Array, at: number): number {
  return (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8)
}

/** The unsigned 32 bits at a place that is there. */
export function uint32At(bytes: Uint8Array, at: number): number {
  return (uint16At(bytes, at) | (uint16At(bytes, at + 2) << 16)) >>> 0
}

/** Writes the low 16 bits. */
export function putUint16(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value
  bytes[at + 1] = value >>> 8
}

/** Writes the low 32 bits. */
export function putUint32(bytes: Uint8Array, at: number, value: number): void {
  // A number beyond 32 bits is cut here, before it would be cut to a signed one.
  const low = value | 0
  putUint16(bytes, at, low)
  putUint16(bytes, at + 2, low >>> 16)
}
