/** The part of a record's id that stays the same in every pass over the data: what stands before `#`. */
export function sampleKey(recordId: string): string {
  const end = recordId.indexOf('#')
  return end < 0 ? recordId : recordId.slice(0, end)
}

/**
 * Whether a record is held out: never trained with, in no pass, only judged by. A fixed rule of its key (FNV-1a, then murmur3's
 * finish, since FNV alone leaves neighbouring dates alike): about one in five.
 */
export function isHeldOut(recordId: string): boolean {
  let hash = 0x811c9dc5
  for (const byte of new TextEncoder().encode(sampleKey(recordId))) hash = Math.imul(hash ^ byte, 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return ((hash ^ (hash >>> 16)) >>> 0) % 5 === 0
}
