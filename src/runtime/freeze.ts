/** Freezes a payload through and through, so that mutating what others share is an error. Bytes cannot be frozen and stay as they are. */
export function deepFreeze(value: unknown): void {
  const open: unknown[] = [value]
  for (let item = open.pop(); item !== undefined || open.length > 0; item = open.pop()) {
    if (typeof item !== 'object' || item === null || Object.isFrozen(item) || ArrayBuffer.isView(item)) continue
    Object.freeze(item)
    open.push(...Object.values(item))
  }
}
