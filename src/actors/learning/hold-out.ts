/** The part of a record's id that stays the same in every pass over the data: what stands before `#`. */
export function sampleKey(recordId: string): string {
  const end = recordId.indexOf('#')
  return end < 0 ? recordId : recordId.slice(0, end)
}

/** Whether a record is held out: never trained with, in no pass, only judged by. A fixed rule of its key: about one in five. */
export function isHeldOut(recordId: string): boolean {
  return hashOf(recordId) % 5 === 0
}

/**
 * Whether a held-out record serves to choose among models rather than to measure the one chosen: about every third one. The best
 * of many models looks better than it is on the very records that it was chosen by.
 */
export function isForChoosing(recordId: string): boolean {
  return Math.floor(hashOf(recordId) / 5) % 3 === 0
}

/** FNV-1a, then murmur3's finish, since FNV alone leaves neighbouring dates alike. */
function hashOf(recordId: string): number {
  let hash = 0x811c9dc5
  for (const byte of new TextEncoder().encode(sampleKey(recordId))) hash = Math.imul(hash ^ byte, 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}
