import type { ByteWatch } from './byte-watch.ts'

/**
 * Freezes a payload through and through, so that mutating what others share is an error. Bytes cannot be frozen and are watched instead;
 * what else does not let itself be frozen stays as it is. Never throws.
 */
export function deepFreeze(value: unknown, bytes: ByteWatch): void {
  const open: unknown[] = [value]
  while (open.length > 0) {
    const item = open.pop()
    if (typeof item !== 'object' || item === null) continue
    if (ArrayBuffer.isView(item)) {
      bytes.note(item)
      continue
    }
    try {
      if (Object.isFrozen(item)) continue
      Object.freeze(item)
      // One by one: what is spread into a call must fit on the stack.
      for (const part of Object.values(item)) open.push(part)
    } catch {
      // A proxy or getter that throws is left as it is.
    }
  }
}
