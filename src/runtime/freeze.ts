/**
 * Freezes a payload through and through, so that mutating what others share is an error. Bytes cannot be frozen and stay as they
 * are, like whatever else does not let itself be frozen. Never throws.
 */
export function deepFreeze(value: unknown): void {
  const open: unknown[] = [value]
  while (open.length > 0) {
    const item = open.pop()
    if (typeof item !== 'object' || item === null || ArrayBuffer.isView(item)) continue
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
